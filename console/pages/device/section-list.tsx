import { Component, type ReactNode, Suspense } from 'react';
import { PartlyFailed, Skeleton } from '../../components/states.tsx';
import { type SectionProps, sections, sectionsOf } from './sections.ts';
import { texts } from './texts.ts';

/** The sections that a device has, one below the other; one that fails leaves the others as they are. */
export const SectionList = ({ device, zone, isPast }: SectionProps & { isPast: boolean }) =>
  sectionsOf(sections, device, isPast).map(({ name, title, Content }) => (
    <section key={name} id={name} className="device-section" aria-labelledby={`${name}-title`}>
      <h2 id={`${name}-title`}>{title}</h2>
      <Fence title={title}>
        <Suspense fallback={<Skeleton lines={4} />}>
          <Content device={device} zone={zone} />
        </Suspense>
      </Fence>
    </section>
  ));

class Fence extends Component<{ title: string; children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const message = `${texts.sectionFailed(this.props.title)} (${error.message})`;
    return <PartlyFailed faults={[{ kind: 'failed', message, code: error.name, id: null }]} />;
  }
}
