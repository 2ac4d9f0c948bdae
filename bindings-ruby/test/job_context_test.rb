# frozen_string_literal: true

require "test_helper"

# The API of imageflow 2.x, as programs use it.
class JobContextTest < Minitest::Test
  STEPS = [{ decode: { io_id: 0 } }, { constrain: { mode: "within", w: 32 } },
           { encode: { io_id: 1, preset: { mozjpeg: { quality: 90 } } } }].freeze

  def setup
    @folder = Dir.mktmpdir
    @jpeg = File.join(@folder, "in.jpg")
    Pictures.drawing.save(@jpeg)
    @context = Imageflow::JobContext.new
  end

  def teardown
    @context.destroy!
    FileUtils.remove_entry(@folder)
  end

  def test_job_from_file_to_file
    @context.add_input_buffer_from_file(io_id: 0, filename: @jpeg)
    @context.add_output_buffer(io_id: 1)
    response = @context.execute(framewise: { steps: STEPS })
    assert response.ok?
    assert_equal [true, 200, "OK"], [response.success, response.status_code, response.message]
    assert_equal [32, 24], response.data[:job_result][:encodes][0].values_at(:w, :h)
    out = File.join(@folder, "out.jpg")
    @context.write_output_buffer_to_file(io_id: 1, filename: out)
    assert_equal({ width: 32, height: 24, filename: out }, Imageflow::JobContext.get_image_info_by_filename(out))
    bytes = @context.get_buffer_bytes(io_id: 1)
    assert_equal File.binread(out), bytes
    assert_equal Encoding::BINARY, bytes.encoding
    buffer = @context.get_buffer(io_id: 1)
    assert_equal bytes.bytesize, buffer[:buffer_size]
    assert_equal "\xFF\xD8\xFF".b, buffer[:buffer].read_bytes(3)
  end

  def test_bytes
    @context.add_input_buffer(io_id: 0, bytes: File.binread(@jpeg))
    info = @context.get_image_info(io_id: 0)
    assert_equal 64, info[:image_width]
    assert_equal 48, info[:image_height]
    assert_equal "image/jpeg", info[:preferred_mime_type]
  end

  def test_build
    out = File.join(@folder, "built.jpg")
    io = [{ io_id: 0, direction: "in", io: { file: @jpeg } }, { io_id: 1, direction: "out", io: { file: out } }]
    response = @context.build(build: { io: io, framewise: { steps: STEPS } })
    assert response.ok?
    assert_equal 32, Imageflow.info(out).width
  end

  def test_send_json
    response = @context.send_json(method: "v1/brew_coffee", data: {}, raise_error: false)
    assert_equal 418, response.status_code
    refute response.ok?
    assert @context.send_json(method: "v1/get_version_info", data: "{}").ok?
    failed = @context.send_json(method: "v1/execute", data: { framewise: 1 }, raise_error: false)
    assert_equal [false, 400, "none"], [failed.success, failed.status_code, failed.data]
    assert_match(/InvalidJson/, failed.message)
    assert_raises(Imageflow::InvalidJson) { @context.send_json(method: "v1/execute", data: {}) }
  end

  def test_downscale_hints
    large = File.join(@folder, "large.jpg")
    Pictures.drawing(800, 600).save(large)
    @context.add_input_buffer_from_file(io_id: 0, filename: large)
    @context.set_decoder_downscale_hints(io_id: 0, downscaled_min_width: 100, downscaled_min_height: 75)
    scaled = @context.send_json(method: "v1/get_scaled_image_info", data: { io_id: 0 }).data[:image_info]
    assert_equal [100, 75], scaled.values_at(:image_width, :image_height)
    assert_equal 800, @context.get_image_info(io_id: 0)[:image_width]
  end

  def test_errors
    refute @context.has_error?
    assert_equal [200, 0, ""], [@context.error_as_http_code, @context.error_as_exit_code, @context.fetch_error_message]
    error = assert_raises(Imageflow::Error) { @context.add_input_buffer(io_id: 0, bytes: nil) }
    [/ArgumentInvalid/, /NullArgument/, /imageflow_abi/].each { |text| assert_match text, error.message }
    assert @context.has_error?
    assert_equal [400, 64, 2], [@context.error_as_http_code, @context.error_as_exit_code, @context.error_code]
    assert_equal error.message, @context.fetch_error_message.strip
  end

  def test_destroy
    refute @context.is_destroyed?
    @context.destroy!
    assert @context.is_destroyed?
    @context.destroy!
    error = assert_raises(Imageflow::Error) { @context.has_error? }
    assert_match(/destroyed/, error.message)
  end

  def test_native_has_every_function
    header = File.read(File.join(Pictures::CHECKOUT, "include", "imageflow_default.h"))
    functions = header.scan(/\bimageflow_(\w+)\(/).flatten.uniq
    assert_equal 25, functions.size
    functions.each { |name| assert_respond_to Imageflow::Native, name }
    assert_equal 0, Imageflow::Native.enum_value(:outlives_function_call)
    assert_equal 1, Imageflow::Native.enum_value(:outlives_context)
    assert Imageflow::Native.abi_compatible(3, 0)
    refute Imageflow::Native.abi_compatible(4, 0)
    assert_equal [3, 2], [Imageflow::Native.abi_version_major, Imageflow::Native.abi_version_minor]
    assert Imageflow::Native.context_create(4, 0).null?
  end

  def test_native_functions_work
    native = Imageflow::Native
    context = native.context_create(3, 2)
    assert native.context_add_output_buffer(context, 1)
    assert native.context_error_recoverable(context)
    assert native.context_error_try_clear(context)
    refute native.context_print_and_exit_if_error(context)
    memory = native.context_memory_allocate(context, 16, nil, 1)
    assert_equal "\0" * 16, memory.read_bytes(16)
    assert native.context_memory_free(context, memory, nil, 1)
    data = FFI::MemoryPointer.new(:pointer)
    size = FFI::MemoryPointer.new(:size_t)
    assert native.context_take_output_buffer(context, 1, data, size)
    assert native.buffer_free(data.read_pointer, size.read(:size_t))
    assert native.context_begin_terminate(context)
    native.context_destroy(context)
  end
end
