import { Download } from 'lucide-react';
import type { Step } from '../../../../components/time-range-rules.ts';
import { EXPORT_DAYS, exportHref } from './history-rules.ts';
import { texts } from './texts.ts';

const FORMATS = ['csv', 'ndjson'] as const;

/** The samples of the range as files: links, so that the browser has them as it has any download. */
export function ExportLinks(props: { device: string; from: Date; to: Date; step: Step }) {
  const { device, ...range } = props;
  const links = FORMATS.map((format) => ({ format, href: exportHref(device, { ...range, format }) }));
  if (links.some(({ href }) => href === null)) return <p className="quiet">{texts.exportTooLong(EXPORT_DAYS)}</p>;
  return (
    <p className="device-history-export">
      <Download size={16} aria-hidden="true" />
      <span className="quiet">{texts.export}</span>
      {links.map(({ format, href }) => (
        <a key={format} href={href ?? undefined} download aria-label={texts.exportOf(texts.formats[format])}>
          {texts.formats[format]}
        </a>
      ))}
    </p>
  );
}
