# frozen_string_literal: true

require_relative "lib/imageflow/version"

# One gem per platform, with the library inside: `rake gem` makes it, from the library in lib/imageflow/native.
Gem::Specification.new do |spec|
  spec.name = "imageflow"
  spec.version = Imageflow::VERSION
  spec.authors = ["The imageflow developers"]
  spec.summary = "Resizes, crops and converts images, fast and in little memory"
  spec.licenses = ["MIT", "Apache-2.0"]
  spec.required_ruby_version = ">= 3.0"
  # The environment variable is for builds for another platform, such as x86_64-linux-musl.
  spec.platform = Gem::Platform.new(ENV.fetch("IMAGEFLOW_GEM_PLATFORM", Gem::Platform.local.to_s))
  spec.files = Dir.chdir(__dir__) { Dir["lib/**/*.rb", "lib/imageflow/native/*", "LICENSE-*", "README.md"] }
  spec.add_dependency "ffi", "~> 1.15"
end
