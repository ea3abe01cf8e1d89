import { classes, type Image, inputs } from './images.ts';
import { minimise } from './minimise.ts';

/** [inputs, classes] */
export type Weights = Float64Array;

export const size = inputs * classes;

/**
 * Multinomial logistic regression to its optimum: the mean loss in nats and decay / 2 · ‖w‖².
 *
 * @param rows of the images, which ones.
 */
export const fit = (
  images: readonly Image[],
  { rows, decay, from = new Float64Array(size) }: { rows: readonly number[]; decay: number; from?: Weights },
): Weights =>
  minimise(from, (weights, gradient) => {
    let value = 0;
    gradient.fill(0);
    for (const row of rows) value += addGradient(images[row]!, weights, gradient);
    for (let at = 0; at < size; at++) {
      gradient[at] = gradient[at]! / rows.length + decay * weights[at]!;
      value += (rows.length * decay * weights[at]! ** 2) / 2;
    }
    return value / rows.length;
  });

export const lossOf = (image: Image, weights: Weights): number => -Math.log(chancesOf(image, weights)[image.digit]!);

/** Of this image's loss, [size]. */
export const gradientOf = (image: Image, weights: Weights): Float64Array => {
  const gradient = new Float64Array(size);
  addGradient(image, weights, gradient);
  return gradient;
};

const addGradient = (image: Image, weights: Weights, into: Float64Array): number => {
  const chances = chancesOf(image, weights);
  const loss = -Math.log(chances[image.digit]!);
  chances[image.digit]! -= 1;
  for (let input = 0, at = 0; input < inputs; input++) {
    const pixel = image.pixels[input]!;
    for (let digit = 0; digit < classes; digit++, at++) into[at]! += pixel * chances[digit]!;
  }
  return loss;
};

const chancesOf = ({ pixels }: Image, weights: Weights): Float64Array => {
  const logits = new Float64Array(classes);
  for (let input = 0, at = 0; input < inputs; input++) {
    const pixel = pixels[input]!;
    for (let digit = 0; digit < classes; digit++, at++) logits[digit]! += pixel * weights[at]!;
  }
  const most = Math.max(...logits);
  let sum = 0;
  for (let digit = 0; digit < classes; digit++) sum += logits[digit] = Math.exp(logits[digit]! - most);
  for (let digit = 0; digit < classes; digit++) logits[digit]! /= sum;
  return logits;
};
