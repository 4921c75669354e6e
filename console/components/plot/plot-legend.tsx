import { texts } from '../texts.ts';

const own = texts.plot;

/** What lines, bands and shades of plots mean, once for all plots of a section, with the keys. */
export const PlotLegend = ({ hasBands }: { hasBands: boolean }) => (
  <div className="plot-legend">
    <ul>
      <li>
        <span className="plot-key" data-key="line" />
        {hasBands ? own.legend.mean : own.legend.value}
      </li>
      {hasBands && (
        <li>
          <span className="plot-key" data-key="band" />
          {own.legend.band}
        </li>
      )}
      <li>
        <span className="plot-key" data-key="offline" />
        {texts.status.OFFLINE}
      </li>
      <li>
        <span className="plot-key" data-key="degraded" />
        {texts.status.DEGRADED}
      </li>
      <li>
        <span className="plot-key" data-key="unknown" />
        {texts.status.UNKNOWN}
      </li>
      <li>
        <span className="plot-key" data-key="other" />
        {own.legend.other}
      </li>
    </ul>
    <p id="plot-keys" className="quiet">
      {own.legend.keys}
    </p>
  </div>
);
