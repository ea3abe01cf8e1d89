/** As much of a name as an index can hold; a B-tree row must stay below 2,704 bytes, and a caller chooses the name. */
export const clip = (name: string): string => Array.from(name).slice(0, 200).join('');
