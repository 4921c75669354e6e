import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import './button.css';

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> & {
  /** `primary`: the one thing to do here. `danger`: takes something away. `plain`: stands among text and icons. @default "secondary" */
  kind?: 'primary' | 'secondary' | 'danger' | 'plain';
  /** Stands before the words; with `aria-label` and no words it stands alone. */
  icon?: ReactNode;
  children?: ReactNode;
};

export function Button({ kind = 'secondary', icon, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className="button" data-kind={kind} data-icon-only={children === undefined || undefined}>
      {icon}
      {children !== undefined && <span>{children}</span>}
    </AriaButton>
  );
}
