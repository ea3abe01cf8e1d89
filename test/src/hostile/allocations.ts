// Typed arrays are outside of the heap that V8 bounds, and memory that nothing was written to is not counted by the system
// either. So their constructors are watched, for as long as one reading lasts.

const kinds = [
  'ArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

type Kinds = Record<(typeof kinds)[number], new (...parameters: unknown[]) => ArrayBufferView | ArrayBuffer>;

/** Bytes of all typed arrays and buffers that `run` made. */
export const countAllocations = (run: () => void): { readonly bytes: number; readonly error: unknown } => {
  let bytes = 0;
  const world = globalThis as unknown as Kinds;
  const originals = kinds.map((kind) => [kind, world[kind]] as const);
  const buffers = (['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const).map((name) => [name, Buffer[name]] as const);
  for (const [kind, original] of originals) {
    world[kind] = new Proxy(original, {
      construct: (target, parameters, newTarget) => {
        const [first] = parameters;
        // A view of a buffer that is there takes nothing.
        if (typeof first === 'number')
          bytes += first * ((target as unknown as Uint8ArrayConstructor).BYTES_PER_ELEMENT ?? 1);
        const made = Reflect.construct(target, parameters, newTarget === world[kind] ? target : newTarget);
        if (typeof first === 'object' && !(first instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
  }
  for (const [name, original] of buffers) {
    Buffer[name] = ((size: number, ...rest: never[]) => {
      bytes += size;
      return original(size, ...rest);
    }) as never;
  }
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  } finally {
    for (const [kind, original] of originals) world[kind] = original;
    for (const [name, original] of buffers) Buffer[name] = original as never;
  }
  return { bytes, error };
};
