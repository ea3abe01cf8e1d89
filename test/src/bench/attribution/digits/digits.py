"""The 1,797 images of handwritten digits that scikit-learn 1.7.2 brings along, as bytes: python digits.py > digits.bin

Each image is 65 bytes: 8 x 8 pixels of 0 to 16, row by row, then the digit. Source: E. Alpaydin and C. Kaynak, Optical Recognition of
Handwritten Digits, UCI Machine Learning Repository (1998), CC BY 4.0; https://doi.org/10.24432/C50P49
"""
import sys

import numpy
from sklearn.datasets import load_digits

digits = load_digits()
images = numpy.concatenate([digits.data, digits.target[:, None]], axis=1).astype(numpy.uint8)
sys.stdout.buffer.write(images.tobytes())
