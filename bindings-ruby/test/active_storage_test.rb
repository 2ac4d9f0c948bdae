# frozen_string_literal: true

require "test_helper"

# Variants of Active Storage, where it is installed.
class ActiveStorageTest < Minitest::Test
  begin
    # The framework's own files may warn, ours must not.
    verbose, $VERBOSE = $VERBOSE, nil
    require "active_support"
    require "active_support/core_ext"
    require "active_storage"
    folder = $LOADED_FEATURES.grep(%r{/lib/active_storage\.rb\z}).first
    require File.join(File.dirname(folder, 2), "app/models/active_storage/variation")
    $VERBOSE = verbose
    require "imageflow/active_storage"
    ActiveStorage::Variation.prepend(Imageflow::ActiveStorageTransformer::Variation)
    AVAILABLE = true
  rescue LoadError => error
    AVAILABLE = false
    puts "Active Storage is not tested: #{error.message}"
  ensure
    $VERBOSE = verbose
  end

  def setup
    skip "Active Storage is not installed" unless AVAILABLE
  end

  def variant(**transformations)
    Tempfile.create(["in", ".png"], binmode: true) do |file|
      file.write(Pictures.png)
      file.flush
      ActiveStorage::Variation.wrap(transformations).transform(file) { |output| return info(output) }
    end
  end

  def info(output)
    refute output.closed?
    data = output.read
    info = Pictures.info(data)
    [info.width, info.height, info.mime_type, data.bytesize]
  end

  def test_sizes
    assert_equal [32, 24, "image/png"], variant(resize_to_limit: [32, 32]).first(3)
    assert_equal [64, 48, "image/png"], variant(resize_to_limit: [640, 640]).first(3)
    assert_equal [128, 96, "image/png"], variant(resize_to_fit: [128, 128]).first(3)
    assert_equal [32, 24, "image/png"], variant(resize_to_fit: [32, nil]).first(3)
    assert_equal [20, 20, "image/png"], variant(resize_to_fill: [20, 20]).first(3)
    assert_equal [20, 20, "image/png"], variant(resize_and_pad: [20, 20, { background: "ffffff" }]).first(3)
  end

  def test_others
    assert_equal [10, 20, "image/png"], variant(crop: [5, 5, 10, 20]).first(3)
    assert_equal [48, 64, "image/png"], variant(rotate: "90").first(3)
    assert_equal [16, 12, "image/png"], variant(command: "w=16").first(3)
    assert_equal [12, 16, "image/png"], variant(resize_to_limit: [16, 16], rotate: 90).first(3)
  end

  def test_formats
    { jpg: "image/jpeg", webp: "image/webp", png: "image/png", gif: "image/gif" }.each do |format, mime_type|
      assert_equal mime_type, variant(format: format)[2]
    end
    large = { resize_to_fit: [400, 400], format: :jpg }
    assert_operator variant(**large, saver: { quality: 20 })[3], :<, variant(**large, saver: { quality: 95 })[3]
    assert_operator variant(**large, quality: 20)[3], :<, variant(**large)[3]
  end

  def test_the_unknown_is_refused
    { { monochrome: true } => /\Amonochrome: not a transformation/, { format: :tiff } => /\Aformat: imageflow writes no tiff/,
      { resize_to_fit: [1, 1, { sharpen: 1 }] } => /\Aresize_to_fit: does not know sharpen/ }.each do |wrong, text|
      assert_match text, assert_raises(Imageflow::InvalidArgument) { variant(**wrong) }.message
    end
  end
end
