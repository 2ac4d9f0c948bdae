# frozen_string_literal: true

require "test_helper"

# Every category that can be reached has its exception, with code, status and response.
class ErrorsTest < Minitest::Test
  def raised(kind, code, category, status, text, &block)
    error = assert_raises(Imageflow::Error, &block)
    assert_instance_of kind, error
    assert_equal [code, category, status], [error.code, error.category, error.http_status]
    assert_match text, error.message
    assert_equal status, error.response.status_code if error.response
    error
  end

  def job
    Pictures.bytes(Pictures.png)
  end

  def send_json(method, data)
    Imageflow::JobContext.open { |context| context.send_json(method: method, data: data) }
  end

  def execute(nodes, edges = [])
    send_json("v1/execute", { framewise: { graph: { nodes: nodes, edges: edges } } })
  end

  def test_arguments
    argument = [Imageflow::InvalidArgument, 2, "ArgumentInvalid", 400]
    raised(*argument, /InvalidNodeParams/) { job.crop(x1: 10, y1: 10, x2: 5, y2: 5).png.to_s }
    raised(*argument, /InvalidMessageEndpoint/) { send_json("v1/nothing", {}) }
    raised(*argument, /NullArgument.*imageflow_abi/m) { send_json(nil, {}) }
    raised(*argument, /IoIdNotFound/) { execute({ "0" => { decode: { io_id: 9 } } }) }
    raised(*argument, /DuplicateIoId/) do
      Imageflow::JobContext.open { |context| 2.times { context.add_output_buffer(io_id: 1) } }
    end
  end

  def test_limits
    security = { max_encode_size: { w: 3, h: 3, megapixels: 1 } }
    raised(Imageflow::SizeLimitExceeded, 2, "ArgumentInvalid", 400, /max_encode_size\.w/) do
      Imageflow.open(StringIO.new(Pictures.png), security: security).png.to_s
    end
    assert_operator Imageflow::SizeLimitExceeded, :<, Imageflow::InvalidArgument
  end

  def test_json
    raised(Imageflow::InvalidJson, 3, "InvalidJson", 400, /InvalidJson/) { job.node(:constrain, { w: "wide" }).png.to_s }
    raised(Imageflow::InvalidJson, 3, "InvalidJson", 400, /sharpn/) { job.node(:sharpn).png.to_s }
    raised(Imageflow::InvalidJson, 3, "InvalidJson", 400, /InvalidJson/) { send_json("v1/execute", "{") }
  end

  def test_malformed
    malformed = [Imageflow::ImageMalformed, 4, "ImageMalformed", 400]
    raised(*malformed, /NoEnabledDecoderFound/) { Pictures.info("This is no image at all") }
    raised(*malformed, /NoEnabledDecoderFound/) { Pictures.info("") }
    error = raised(*malformed, /ImageDecodingError/) { Pictures.bytes(Pictures.png[0, 100]).png.to_s }
    assert_equal error.message, error.response.message.strip
    refute error.response.success
  end

  def test_graph
    edges = [{ from: 0, to: 1, kind: :input }, { from: 1, to: 0, kind: :input }]
    raised(Imageflow::GraphInvalid, 7, "GraphInvalid", 400, /GraphCyclic/) { execute({ "0" => :flip_v, "1" => :flip_h }, edges) }
  end

  def test_io
    io = { io_id: 0, direction: :in, io: { file: "/no/such/file" } }
    raised(Imageflow::Error, 16, "IoError", 500, /IoError/) do
      Imageflow::JobContext.open { |context| context.build(build: { io: [io], framewise: { steps: [] } }) }
    end
  end

  def test_cancelled_context
    context = Imageflow::JobContext.new
    context.request_cancellation
    raised(Imageflow::Cancelled, 21, "OperationCancelled", 499, /cancel/i) { context.send_json(method: "v1/execute", data: {}) }
    assert_equal [true, 499, 130], [context.has_error?, context.error_as_http_code, context.error_as_exit_code]
    context.destroy!
  end

  # Categories no input can provoke: running out of memory, and numbers of later engines.
  def test_engine_errors_map_to_classes
    memory = Imageflow::Error.from_engine("OutOfMemory", code: 1, http_status: 503)
    assert_instance_of Imageflow::OutOfMemory, memory
    later = Imageflow::Error.from_engine("Later", code: 99, http_status: 500)
    assert_equal [Imageflow::Error, "Unknown"], [later.class, later.category]
  end

  REFUSED = {
    "color: \"white\"" => ->(job) { job.fill_rect(x1: 0, y1: 0, x2: 1, y2: 1, color: "white") },
    "color: [0, 0, 256]" => ->(job) { job.expand_canvas(color: [0, 0, 256]) },
    "background_color: \"#12345\"" => ->(job) { job.region(x1: 0, y1: 0, x2: 1, y2: 1, background_color: "#12345") },
    "matte: :red" => ->(job) { job.jpeg(matte: :red) },
    "degrees: 45" => ->(job) { job.rotate(45) },
    "one of pixels, percent and circle" => ->(job) { job.round_corners },
    "quality: a lossless PNG has none" => ->(job) { job.png(quality: 80) },
    "quality: a lossless WebP has none" => ->(job) { job.webp(quality: 80, lossless: true) },
    "dest: cannot tell the format" => ->(job) { job.save("picture.bmp") },
    "color: nil is not a colour" => ->(job) { job.fill_rect(x1: 0, y1: 0, x2: 1, y2: 1, color: nil) },
    "gravity: [1] is not a place" => ->(job) { job.constrain(w: 1, gravity: [1]) },
    "bytes: Integer is not a String" => ->(_) { Imageflow.from_bytes(5) },
    "source: cannot read an image from Integer" => ->(job) { job.watermark(42) },
    "use Imageflow.from_bytes" => ->(job) { job.watermark(Pictures.png) },
    "JSON cannot hold" => ->(job) { job.brightness(Float::NAN).png.to_s },
    "key: there is an output :a already" => ->(job) { 2.times { job.png(key: :a) } },
    "no image yet; begin" => ->(_) { Imageflow::Job.new.flip_h },
    "no image yet" => ->(job) { job.draw_image_exact(Imageflow::Job.new, x: 0, y: 0, w: 1, h: 1) },
    "the context was destroyed" => ->(_) { Imageflow::JobContext.new.tap(&:destroy!).add_output_buffer(io_id: 1) }
  }.freeze

  def test_refused_before_the_engine
    REFUSED.each do |text, act|
      error = assert_raises(Imageflow::InvalidArgument, text) { act.call(job) }
      assert_includes error.message, text
      assert_equal 2, error.code
    end
  end

  def test_file_errors_are_rubys_own
    assert_raises(Errno::ENOENT) { Imageflow.open("/no/such/file.jpg").png.to_s }
    assert_raises(Errno::ENOENT) { Pictures.drawing.save("/no/such/folder/out.png") }
  end
end
