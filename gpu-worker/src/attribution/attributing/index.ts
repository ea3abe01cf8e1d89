export { type Attributed, type AttributeWatch, attribute } from './attribute.ts';
export { AttributingError } from './errors.ts';
export { type DatanetVersion, lessonsOf, readDatanetVersion } from './lessons.ts';
export { type AttributeOptions, type Recipe, readOptions } from './options.ts';
