# frozen_string_literal: true

require "test_helper"

# The chain: every method, every source, every output.
class JobTest < Minitest::Test
  def test_every_method
    job = Pictures.bytes(Pictures.png)
    hints = { sharpen_percent: 10, down_filter: :lanczos, background_color: [255, 255, 255] }
    job.constrain(w: 60, h: 60, mode: :fit, hints: hints, gravity: [50, 50], canvas_color: "#fff")
    job.constrain(w: 58, gravity: :center).distort(w: 64, h: 48, hints: { up_filter: :ginseng })
    job.crop(x1: 1, y1: 1, x2: 61, y2: 45).region(x1: -2, y1: -2, x2: 62, y2: 46, background_color: :black)
    job.region_percent(x1: 0, y1: 0, x2: 100, y2: 100).crop_whitespace(threshold: 80, percent_padding: 0.5)
    job.distort(w: 64, h: 48).expand_canvas(left: 1, color: [0, 0, 0, 128])
    job.fill_rect(x1: 0, y1: 0, x2: 5, y2: 5, color: "ff000080")
    job.round_corners(pixels: 4).round_corners(percent: 10, background_color: :black).round_corners(circle: true)
    job.rotate(90).rotate(-90).rotate(0).rotate(180).flip_h.flip_v.transpose.transpose
    job.apply_orientation(6).apply_orientation(8)
    box = { image_percentage: { x1: 50, y1: 50, x2: 100, y2: 100 } }
    job.watermark(StringIO.new(Pictures.png), gravity: [100, 100], fit_box: box, fit_mode: :within, opacity: 0.5,
                                              min_canvas_width: 10, min_canvas_height: 10, hints: { sharpen_percent: 5 })
    job.watermark_red_dot
    job.draw_image_exact(StringIO.new(Pictures.png), x: 1, y: 1, w: 8, h: 8, blend: :overwrite, hints: { up_filter: :box })
    job.draw_image_exact(Imageflow.canvas(w: 4, h: 4, color: :black, format: :bgr_32), x: 0, y: 0, w: 4, h: 4)
    job.copy_rect(StringIO.new(Pictures.png), from_x: 0, from_y: 0, w: 8, h: 8, x: 2, y: 2)
    job.grayscale.grayscale(:ntsc).sepia.invert.alpha(0.5).brightness(0.1).contrast(0.1).saturation(0.1)
    job.white_balance.white_balance(0.01)
    job.color_matrix(Array.new(5) { |row| Array.new(5) { |column| row == column && row < 4 ? 1 : 0 } })
    job.command("w=40&h=40&mode=max").node(:flip_v).node(:constrain, { mode: :within, w: 30 })
    job.branch { |image| image.jpeg(quality: 80, progressive: false, matte: "ffffff", key: :jpeg) }
    job.branch { |image| image.png(key: :png) }
    job.branch { |image| image.png(lossless: false, quality: 80, minimum_quality: 1, speed: 5, maximum_deflate: true, key: :p) }
    job.branch { |image| image.webp(quality: 80, key: :webp) }
    job.branch { |image| image.webp(lossless: true, key: "lossless") }
    job.branch { |image| image.gif(key: :gif) }
    job.encode({ mozjpeg: { quality: 50, matte: :black } }, key: :preset)
    results = job.run
    assert_equal [:jpeg, :png, :p, :webp, "lossless", :gif, :preset], results.map(&:key)
    assert_equal 7, results.size
    assert_equal "image/webp", results[:lossless].mime_type
    assert_equal results["jpeg"].bytes, results[results[:jpeg].io_id].bytes
    assert results.response.ok?
    public_methods = Imageflow::Job.public_instance_methods(false) - %i[decode canvas save run run_part]
    source = File.read(__FILE__)
    public_methods.each { |name| assert_match(/\.#{name}\b/, source) }
    error = assert_raises(KeyError) { results[:large] }
    assert_match(/no output :large; there are \[:jpeg/, error.message)
  end

  def test_chain_methods_return_the_job
    job = Pictures.drawing
    assert_same job, job.flip_h.constrain(w: 10).rotate(0).branch { |image| image }
  end

  def size(job)
    output = job.png.to_output
    [output.width, output.height]
  end

  def test_operations_do_what_they_say
    assert_equal [48, 64], size(Pictures.drawing.rotate(90))
    assert_equal [10, 20], size(Pictures.drawing.crop(x1: 0, y1: 0, x2: 10, y2: 20))
    assert_equal [32, 32], size(Pictures.drawing.constrain(w: 32, h: 32, mode: :within_pad))
    assert_equal [67, 48], size(Pictures.drawing.expand_canvas(left: 1, right: 2))
    dot = ->(red) { Imageflow.canvas(w: 4, h: 4, color: :black).fill_rect(x1: 1, y1: 1, x2: 3, y2: 3, color: red) }
    red = Imageflow.canvas(w: 2, h: 2, color: [255, 0, 0])
    drawn = Imageflow.canvas(w: 4, h: 4, color: :black).draw_image_exact(red, x: 1, y: 1, w: 2, h: 2)
    assert_equal dot.call("ff0000").png.to_s, drawn.png.to_s
    refute_equal dot.call("00ff00").png.to_s, drawn.png.to_s
  end

  def test_sources
    Dir.mktmpdir do |folder|
      path = File.join(folder, "in.png")
      Pictures.drawing.save(path)
      File.open(path, "rb") do |file|
        job = Imageflow.open(file)
        assert_equal job.png.to_s, job.png.to_s # An IO can be read once.
        refute file.closed?
      end
      [path, Pathname(path), StringIO.new(Pictures.png), Imageflow.from_bytes(Pictures.png)].each do |source|
        assert_equal 64, Imageflow.info(source).width
      end
    end
  end

  def test_destinations
    Dir.mktmpdir do |folder|
      { ".jpg" => "jpeg", ".JPEG" => "jpeg", ".png" => "png", ".webp" => "webp", ".gif" => "gif", ".jxl" => "jxl" }
        .each do |suffix, type|
        path = File.join(folder, "out#{suffix}")
        assert_equal "image/#{type}", Pictures.drawing.save(path).mime_type
        assert_equal "image/#{type}", Imageflow.info(path).mime_type
        assert_equal "image/#{type}", Pictures.drawing.save(Pathname(path)).mime_type
      end
      memory = StringIO.new
      assert_equal memory.string, Pictures.drawing.webp.save(memory).to_s
      File.open(File.join(folder, "x.webp"), "w") { |file| Pictures.drawing.save(file) }
      assert_equal memory.string.b, File.binread(File.join(folder, "x.webp"))
    end
  end

  def test_one_output_does_not_make_the_others
    job = Pictures.drawing
    job.branch { |image| image.crop(x1: 9, y1: 9, x2: 1, y2: 1).png }
    refute_empty job.png.to_s
    assert_raises(Imageflow::InvalidArgument) { job.run }
    job = Pictures.drawing
    pending = job.gif(key: :gif)
    Dir.mktmpdir { |folder| job.save(File.join(folder, "x.png")) }
    assert_equal [:gif], pending.run.map(&:key)
  end

  def test_querystring_and_version
    output = Imageflow.querystring(StringIO.new(Pictures.png), "w=20&format=webp")
    assert_equal [20, 15, "image/webp", "webp"], output.to_h.values_at(:width, :height, :mime_type, :extension)
    memory = StringIO.new
    Imageflow.querystring(StringIO.new(Pictures.png), "w=20&format=webp", memory, security: { max_json_bytes: 10_000 })
    assert_equal output.bytes, memory.string.b
    assert_match(/imageflow/, Imageflow.version)
    assert_match(/#<Imageflow::Output 1: 20x15 image\/webp, \d+ bytes>/, output.inspect)
  end

  def test_decoder_commands
    jpeg = Imageflow.from_bytes(Pictures.drawing(800, 600).jpeg.to_s)
    hints = { jpeg_downscale_hints: { width: 100, height: 75 } }
    assert_equal [100, 75], size(Imageflow.open(jpeg, commands: [hints]))
    assert_equal [800, 600], size(Imageflow.open(jpeg))
  end
end
