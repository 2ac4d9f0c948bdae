# frozen_string_literal: true

require "test_helper"

# Every readable format goes to every writable one, with the right sizes and types.
class FormatsTest < Minitest::Test
  ENCODERS = {
    { mozjpeg: { quality: 80 } } => "image/jpeg",
    { libjpegturbo: { quality: 80 } } => "image/jpeg",
    { lodepng: {} } => "image/png",
    { libpng: {} } => "image/png",
    { pngquant: { quality: 80 } } => "image/png",
    { webplossy: { quality: 80 } } => "image/webp",
    :webplossless => "image/webp",
    :gif => "image/gif",
    { auto: { quality_profile: :good, allow: { jpeg: true } } } => "image/jpeg",
    { format: { format: :webp, quality_profile: :high } } => "image/webp",
    { format: { format: :jxl, lossless: "true" } } => "image/jxl"
  }.freeze
  # Damaged on purpose: the header can be read, the image cannot.
  REFUSED = {
    "images-decompression_bomb.gif" => /65535x1321 on a canvas of 32x32/,
    "images-no_palette.gif" => /a frame without a palette/
  }.freeze

  def test_from_each_to_each
    Pictures.all.each_value do |data|
      ENCODERS.each do |preset, mime_type|
        output = Pictures.bytes(data).constrain(w: 32, h: 32).encode(preset).to_output
        assert_equal [32, 24, mime_type], [output.width, output.height, output.mime_type]
        info = Pictures.info(output.bytes)
        assert_equal [32, 24, mime_type, output.extension], [info.width, info.height, info.mime_type, info.extension]
      end
    end
  end

  def test_info
    Pictures.all.each do |mime_type, data|
      info = Pictures.info(data)
      assert_equal [64, 48, mime_type, false], [info.width, info.height, info.mime_type, info.multiple_frames]
    end
    assert_equal "bgra_32", Pictures.info(Pictures.png).frame_decodes_into
    assert_equal "bgr_32", Pictures.info(Pictures.all["image/jpeg"]).frame_decodes_into
  end

  def test_quality_matters
    job = Pictures.bytes(Pictures.png).constrain(w: 400, h: 400, mode: :fit)
    assert_operator job.jpeg(quality: 20).to_s.bytesize, :<, job.jpeg(quality: 95).to_s.bytesize
    assert_operator job.webp(quality: 20).to_s.bytesize, :<, job.webp(quality: 95).to_s.bytesize
    assert_operator job.png(lossless: false, quality: 20).to_s.bytesize, :<, job.png.to_s.bytesize
  end

  def test_corpus
    skip "no folder of shared pictures" unless Pictures.corpus
    files = %w[photos graphics gif webp].flat_map { |folder| Dir[File.join(Pictures.corpus, folder, "*.{jpg,png,gif,webp}")] }
    # Some of each kind: enough to meet profiles, palettes, orientation and animation, not a test of the decoders.
    files.select { |path| File.size(path) < 400_000 }.sort.each_slice(4) { |paths| check(paths.first) }
  end

  private

  def check(path)
    info = Imageflow.info(path)
    assert_equal({ ".jpg" => "image/jpeg" }.fetch(File.extname(path), "image/#{File.extname(path)[1..]}"), info.mime_type)
    job = Imageflow.open(path).constrain(w: 40, h: 40)
    %i[jpeg png gif webp].each { |format| job.branch { |branch| branch.public_send(format, key: format) } }
    refusal = REFUSED[File.basename(path)]
    return assert_match(refusal, assert_raises(Imageflow::ImageMalformed) { job.run }.message) if refusal

    job.run.each do |output|
      assert_equal "image/#{output.key}", output.mime_type
      assert_equal [40, [info.width, info.height].max].min, [output.width, output.height].max, path
      assert_equal output.mime_type, Pictures.info(output.bytes).mime_type
    end
  end
end
