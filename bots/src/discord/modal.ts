import type { Form } from '../core/command.ts';
import { fitting, harmlessName } from '../shown/harmless.ts';

/** A dialog takes five text fields. */
const mostFields = 5;

/** A form as a dialog of Discord's: files cannot be asked for in one, so they are options of commands. */
export const modalOf = (form: Form, customId: string) => ({
  title: harmlessName(form.title, 45) || '…',
  custom_id: customId,
  components: form.fields
    .filter(({ kind }) => kind !== 'file')
    .slice(0, mostFields)
    .map(({ name, label, hint, kind, isRequired, most }) => ({
      type: 1,
      components: [
        {
          type: 4,
          custom_id: name,
          label: fitting(label, 45),
          style: kind === 'long' ? 2 : 1,
          required: isRequired,
          max_length: Math.min(most ?? 4_000, 4_000),
          ...(hint !== undefined && { placeholder: fitting(hint, 100) }),
        },
      ],
    })),
});
