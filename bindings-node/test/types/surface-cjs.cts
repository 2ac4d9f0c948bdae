// The types of the CommonJS door.
import imageflow = require('@imazen/imageflow');

const steps: imageflow.Steps = new imageflow.Steps(new imageflow.FromBuffer(Buffer.alloc(0)));
const preset: imageflow.EncoderPreset = imageflow.presets.mozjpeg(85);
const result: Promise<imageflow.ExecuteResult> = steps.toBuffer(preset, 'out').execute();
export = result;
