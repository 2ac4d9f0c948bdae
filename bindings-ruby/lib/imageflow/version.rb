# frozen_string_literal: true

module Imageflow
  VERSION = "3.0.0.alpha1"
end
