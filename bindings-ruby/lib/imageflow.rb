# frozen_string_literal: true

require_relative "imageflow/version"
require_relative "imageflow/errors"
require_relative "imageflow/library"
require_relative "imageflow/json_response"
require_relative "imageflow/job_context"
require_relative "imageflow/source"
require_relative "imageflow/wire"
require_relative "imageflow/plan"
require_relative "imageflow/results"
require_relative "imageflow/job"
require_relative "imageflow/functions"

# Resizes, crops and converts images.
#
#   Imageflow.open("in.jpg").constrain(w: 400, h: 400).webp(quality: 80).save("thumb.webp")
#
# A Job is a chain: where the image comes from, what happens to it, and an output. Nothing runs before the output is asked
# for. JobContext is the level below, as in imageflow 2.x: inputs, outputs and JSON.
module Imageflow
  # Loads the native library when it is first used.
  autoload :Native, File.expand_path("imageflow/native", __dir__)
end
