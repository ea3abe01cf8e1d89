import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import * as echarts from 'echarts';

export type Point = {
  readonly at: Date;
  /** Undefined where nothing was measured. */
  readonly value: number | undefined;
  /** Its time is not over yet. */
  readonly isPartial: boolean;
};

export type Series = {
  readonly title: string;
  /** Behind the numbers; empty for counts. */
  readonly unit: string;
  readonly locale: string;
  readonly points: readonly Point[];
};

const [width, height] = [900, 420];
const family = 'DejaVu Sans';
const { resolve } = createRequire(import.meta.url);
const font = resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
// Missing only where the install is broken: better said at the start than at the first picture.
readFileSync(font);

/** A dark ground, readable in both themes of both platforms. */
const colours = { ground: '#1b1d23', ink: '#e8e9ee', faint: '#3a3d47', bar: '#6f9bff', open: '#3f5a99' };

/**
 * Draws a figure over time as bars; one whose time is not over is paler.
 *
 * @returns a PNG of 900 × 420 pixels
 */
export const drawSeries = async ({ title, unit, locale, points }: Series): Promise<Uint8Array> => {
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 2 });
  const text = { color: colours.ink, fontFamily: family };
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: colours.ground,
    title: { text: title, left: 24, top: 18, textStyle: { ...text, fontSize: 22, fontWeight: 'normal' } },
    grid: { left: 24, right: 24, top: 72, bottom: 24, containLabel: true },
    xAxis: {
      type: 'category',
      data: points.map(({ at }) => day.format(at)),
      axisLabel: { ...text, fontSize: 14, hideOverlap: true },
      axisLine: { lineStyle: { color: colours.faint } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      axisLabel: {
        ...text,
        fontSize: 14,
        formatter: (value: number) => `${number.format(value)}${unit && ` ${unit}`}`,
      },
      splitLine: { lineStyle: { color: colours.faint } },
    },
    series: [
      {
        type: 'bar',
        data: points.map(({ value, isPartial }) => ({
          value: value ?? '-',
          itemStyle: { color: isPartial ? colours.open : colours.bar, borderRadius: [3, 3, 0, 0] },
        })),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const drawn = new Resvg(svg, { font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: family } });
  return drawn.render().asPng();
};
