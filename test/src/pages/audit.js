// Runs in a page, and says what somebody with weak eyes, a small screen, a keyboard or a screen reader would miss there.
(() => {
  const visible = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility());
  const named = (element) =>
    `${element.localName}${element.id && `#${element.id}`} “${element.textContent.trim().slice(0, 40)}”`;
  const parts = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const over = ({ rgb, alpha }, ground) => rgb.map((value, index) => value * alpha + ground[index] * (1 - alpha));
  const above = (element) => (element ? [...above(element.parentElement), element] : []);
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.backgroundColor = 'Canvas';
  const canvas = parts(getComputedStyle(probe).backgroundColor).rgb;
  probe.remove();
  const groundOf = (element) =>
    above(element).reduce((ground, one) => over(parts(getComputedStyle(one).backgroundColor), ground), canvas);
  // https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrastOf = (element) => {
    const ground = groundOf(element);
    const { rgb, alpha } = parts(getComputedStyle(element).color);
    const opacity = above(element).reduce((product, one) => product * Number(getComputedStyle(one).opacity), 1);
    const [one, other] = [over({ rgb, alpha: alpha * opacity }, ground), ground].map(luminance);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const hasText = ({ childNodes }) =>
    [...childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== '');

  const faults = [];
  const check = (elements, isWrong, what) => {
    for (const element of elements) if (isWrong(element)) faults.push(`${what}: ${named(element)}`);
  };
  check(visible.filter(hasText), (element) => contrastOf(element) < 4.5, 'contrast below 4.5');
  const controls = visible.filter((element) => element.matches('button, input, a'));
  check(
    controls,
    (element) => `${element.textContent}${element.labels?.[0]?.textContent ?? ''}`.trim() === '',
    'no name',
  );
  const targets = visible.filter((element) => element.matches('button, label'));
  check(targets, (element) => element.getBoundingClientRect().height < 24, 'too small to hit');
  check(visible, (element) => element.getBoundingClientRect().right > innerWidth + 1, 'beyond the right edge');
  check(visible, (element) => element.tabIndex > 0, 'out of the order of reading');
  const has = (selector) => document.querySelectorAll(selector).length;
  if (has('h1') !== 1 || has('main') !== 1) faults.push('not one heading and one main part');
  if (document.documentElement.lang === '' || document.title === '') faults.push('no language or title');
  if (has('output#state') !== 1 || has('[role=alert]#problem') !== 1) faults.push('nowhere to say how it goes');
  return faults;
})();
