import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { SearchField as AriaSearchField, FieldError, Input, Label, Text, TextField } from 'react-aria-components';
import { Button } from './button.tsx';
import './field.css';
import { texts } from './texts.ts';

export type FieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What the server, or a rule, says is wrong with this value; it is announced. */
  error?: string | null | undefined;
  hint?: ReactNode;
  type?: 'text' | 'email' | 'password';
  name?: string;
  autoComplete?: string;
  isRequired?: boolean;
  isDisabled?: boolean;
  autoFocus?: boolean;
};

/** A line of text to fill in, with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, error, autoFocus = false, isRequired = false, ...rest }: FieldProps) {
  return (
    <TextField
      {...rest}
      className="field"
      isRequired={isRequired}
      isInvalid={error !== null && error !== undefined}
      autoFocus={autoFocus}
      validationBehavior="aria"
    >
      <Label>
        {label}
        {!isRequired && <span className="quiet"> ({texts.field.optional})</span>}
      </Label>
      <Input className="input" />
      {hint !== undefined && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}

/** What a list is searched by. */
export function SearchField(props: {
  label: string;
  /** Both are left to an Autocomplete around it where there is one. */
  value?: string;
  onChange?: (value: string) => void;
  placeholder?: string;
  autoFocus?: boolean;
}) {
  const { label, placeholder, ...rest } = props;
  return (
    <AriaSearchField {...rest} className="search-field" aria-label={label}>
      {({ isEmpty }) => (
        <>
          <Input className="input" placeholder={placeholder ?? label} />
          {!isEmpty && <Button kind="plain" aria-label={texts.field.clear} icon={<X aria-hidden="true" />} />}
        </>
      )}
    </AriaSearchField>
  );
}
