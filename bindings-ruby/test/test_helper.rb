# frozen_string_literal: true

require "minitest/autorun"
require "minitest/mock"
require "fileutils"
require "json"
require "open3"
require "rbconfig"
require "stringio"
require "timeout"
require "tmpdir"
# The installed gem when test.sh runs this, else the checkout's files.
$LOAD_PATH.unshift File.expand_path("../lib", __dir__) unless ENV["IMAGEFLOW_TEST_GEM"]
require "imageflow"

# Pictures for the tests, made by the library itself.
module Pictures
  CHECKOUT = File.expand_path("../..", __dir__)
  SHARED_TESTS = File.join(CHECKOUT, "tests", "bindings")

  module_function

  # Two rectangles on a plain ground, with alpha.
  def drawing(width = 64, height = 48)
    job = Imageflow.canvas(w: width, h: height, color: "88aacc")
    job.fill_rect(x1: width / 8, y1: height / 8, x2: width / 2, y2: height / 2, color: "cc3300")
    job.fill_rect(x1: width / 2, y1: height / 2, x2: width - 2, y2: height - 2, color: "22883380")
  end

  # A job of seconds, which needs little memory.
  def slow
    4.times.inject(drawing(6000, 6000)) { |job, _| job.distort(w: 5990, h: 5990).distort(w: 6000, h: 6000) }
  end

  def png
    @png ||= drawing.png.to_s.freeze
  end

  # The drawing in each format, by mime type.
  def all
    @all ||= begin
      job = bytes(png)
      { "image/jpeg" => job.jpeg.to_s, "image/png" => png, "image/gif" => job.gif.to_s, "image/webp" => job.webp.to_s }
    end
  end

  def bytes(data)
    Imageflow.open(Imageflow.from_bytes(data))
  end

  def info(data)
    Imageflow.info(Imageflow.from_bytes(data))
  end

  # The folder of real pictures, where there is one.
  def corpus
    folder = File.join(ENV["IMAGEFLOW_SHARED"] || File.expand_path("../shared", CHECKOUT), "corpus")
    folder if File.directory?(folder)
  end

  # Runs Ruby with these settings of the environment; returns what it prints.
  def ruby(script, *arguments, **env)
    load_path = $LOAD_PATH.select { |path| path.end_with?("/lib") && File.exist?(File.join(path, "imageflow.rb")) }
    flags = load_path.map { |path| "-I#{path}" }
    out, status = Open3.capture2e(env.transform_keys(&:to_s), RbConfig.ruby, "-W", *flags, "-e", script, *arguments)
    raise out unless status.success?

    out.strip
  end
end
