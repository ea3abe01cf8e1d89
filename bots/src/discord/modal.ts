import {
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  TextInputStyle,
} from 'discord-api-types/v10';
import type { Form } from '../core/command.ts';
import { fitting, harmlessName } from '../shown/harmless.ts';

/** What a dialog takes. */
const most = { fields: 5, title: 45, label: 45, hint: 100, choices: 25, characters: 4_000 } as const;

type Asked = Form['fields'][number];

/** A question as Discord asks it: a file to be uploaded, one of several choices, or a text. */
const inputOf = ({ name, kind, isRequired, choices, most: longest = most.characters }: Asked) => {
  const own = { custom_id: name, required: isRequired };
  if (kind === 'file')
    return { type: ComponentType.FileUpload as const, ...own, min_values: isRequired ? 1 : 0, max_values: 1 };
  if (kind === 'choice') {
    const options = (choices ?? []).slice(0, most.choices).map((value) => ({ label: value, value }));
    return { type: ComponentType.StringSelect as const, ...own, options };
  }
  return {
    type: ComponentType.TextInput as const,
    ...own,
    style: kind === 'long' ? TextInputStyle.Paragraph : TextInputStyle.Short,
    max_length: Math.min(longest, most.characters),
  };
};

const labelOf = (field: Asked): APILabelComponent => ({
  type: ComponentType.Label,
  label: fitting(field.label, most.label),
  ...(field.hint !== undefined && { description: fitting(field.hint, most.hint) }),
  component: inputOf(field),
});

/** A form as a dialog of Discord's. */
export const modalOf = (form: Form, customId: string): APIModalInteractionResponseCallbackData => ({
  title: harmlessName(form.title, most.title) || '…',
  custom_id: customId,
  components: form.fields.slice(0, most.fields).map(labelOf),
});
