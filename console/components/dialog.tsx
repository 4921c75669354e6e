import { type ReactNode, useState } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from './button.tsx';
import './dialog.css';
import { texts } from './texts.ts';

/** A dialog with a title. Escape and a press beside it close it, unless `isBusy`. */
export function Dialog(props: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  isBusy?: boolean;
  role?: 'dialog' | 'alertdialog';
  children: ReactNode;
  /** The buttons. */
  actions: ReactNode;
}) {
  const { title, isOpen, onClose, isBusy = false, role = 'dialog', children, actions } = props;
  return (
    <ModalOverlay
      className="dialog-overlay"
      isOpen={isOpen}
      isDismissable={!isBusy}
      isKeyboardDismissDisabled={isBusy}
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className="dialog">
        <AriaDialog role={role}>
          <Heading slot="title">{title}</Heading>
          <div className="dialog-body">{children}</div>
          <div className="dialog-actions">{actions}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/**
 * Asks before something that can't be taken back, with what will happen: the title and the button say it ("Switch off 12 displays in
 * hall-2"), never "Are you sure?". Stays open while `onConfirm` works; what it throws is shown, and nothing is closed.
 */
export function ConfirmDialog(props: {
  title: string;
  /** What will happen, and what will not. */
  consequence: ReactNode;
  /** What the button says: the deed. */
  action: string;
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
}) {
  const { title, consequence, action, isOpen, onClose, onConfirm } = props;
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      await onConfirm();
      onClose();
    } catch (err) {
      setFault(err instanceof Error ? err.message : String(err));
    } finally {
      setBusy(false);
    }
  };
  const actions = (
    <>
      <Button onPress={onClose} isDisabled={isBusy} autoFocus>
        {texts.dialog.cancel}
      </Button>
      <Button kind="danger" onPress={() => void confirm()} isPending={isBusy}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog role="alertdialog" title={title} isOpen={isOpen} onClose={onClose} isBusy={isBusy} actions={actions}>
      {consequence}
      {fault !== null && (
        <p className="field-error" data-told role="alert">
          {fault}
        </p>
      )}
    </Dialog>
  );
}
