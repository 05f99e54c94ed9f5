/**
 * The constants that Python and JavaScript share; the modules in `mnist_cnn/` give their reasons.
 * Written by `python -m mnist_cnn.drawing.constants > web/engine/constants.js`: change them there.
 */

export const MODEL = Object.freeze({
  IMAGE_SIZE: 28,
  CLASSES: 10,
});

export const RASTER = Object.freeze({
  LUMA_WEIGHTS: Object.freeze([0.299, 0.587, 0.114]),
  MIN_CONTRAST: 24,
});

export const IMAGE_FILE = Object.freeze({
  MAX_PIXELS: 25000000,
  WORKING_SIZE: 1000,
});

export const PHOTO = Object.freeze({
  BACKGROUND_TOLERANCE: 6,
  MIN_FLAT_SHARE: 0.98,
  STRONG_INK: 72,
  INK_NEIGHBOURHOOD: 0.1,
  MIN_PHOTO_SIZE: 64,
  PHOTO_SIZE: 500,
  CLOSING_SIZE: 0.16,
  MAX_LINE_TILT: 7,
  LINE_TILT_STEP: 0.5,
  MIN_LINE_COVERAGE: 0.75,
  MIN_LINE_STRENGTH: 10,
  MIN_STROKE_THICKNESS: 9,
  LINE_GAIN: 1.3,
  CHALK_SKEWNESS: 1,
  MIN_CLASS_CONTRAST: 30,
  HYSTERESIS: 0.5,
  BORDER_MARGIN: 3,
  MIN_REMAINDER: 0.5,
  MIN_COMPONENT_INK: 0.04,
  MIN_INNER_INK: 0.0005,
});

export const PICTURE = Object.freeze({
  BOX_SIZE: 20,
  CENTRE: 14,
  BOX_THRESHOLD: 0.1,
  STROKE_WIDTH_RANGE: Object.freeze([2, 2.7]),
  MAX_EDGE_SHIFT: 1.5,
  OVERSAMPLING: 4,
  HARD_EDGE: 64,
  BLUR_PASSES: 2,
});

export const STROKES = Object.freeze({
  STROKE_WIDTH: 2.3,
  EDGE_WIDTH: 2,
  EDGE_MARGIN: 1,
  MIN_EXTENT: 0.05,
});

export const SEGMENTATION = Object.freeze({
  SPECK_SIZE: 0.15,
  SPECK_DISTANCE: 0.1,
  MIN_OVERLAP: 0.5,
  MIN_PIECE_WIDTH: 0.05,
  BOND_INTERCEPT: 24,
  GAP_COST: 59,
  BESIDE_COST: 26,
  EXCESS_WIDTH_COST: 97,
  MAX_DOUBT: 12,
  MAX_LOG_ODDS: 10,
  MIN_LOG_ODDS: -4,
  USUAL_WIDTH: 0.8,
  WIDE_COST: 11,
  USUAL_HEIGHT: 0.7,
  SHORT_COST: 18,
  MAX_DIGIT_WIDTH: 1.8,
  INK_THRESHOLD: 0.3,
  FRINGE: 2,
  MIN_CUT_WIDTH: 0.9,
  CUT_MARGIN: 0.2,
  CUT_SPACING: 0.1,
  CUTS_PER_HEIGHT: 4,
  CUT_INTERCEPT: 4,
  CUT_INK_WEIGHT: 6.7,
  LONE_COMPONENT_BONUS: 3,
  MAX_PIECES: 60,
  MAX_COMPONENTS: 20000,
  MAX_QUERIES_STROKES: 10,
  MAX_QUERIES_PICTURE: 150,
});

export const CONFIDENCE = Object.freeze({
  FILE: 'confidence.json',
  LOGITS: 'fc1',
  DIGIT: 'digit',
  UNSURE: 'unsure',
  NOT_A_DIGIT: 'does not look like a digit',
  NUMBER: 'number',
  NOTHING_DRAWN: 'nothing drawn',
});
