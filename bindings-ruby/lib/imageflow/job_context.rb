# frozen_string_literal: true

require "json"

module Imageflow
  # One engine context: inputs, messages, outputs. Everything that touches C is here and in Native.
  #
  # A message runs on a thread of its own, so that Timeout, Thread#raise, Thread#kill and Ctrl-C reach the caller at once;
  # the engine is then stopped, and the context can only be destroyed.
  class JobContext
    # Ruby's longest embedded string is 640 bytes. Strings above this have their bytes outside the object, where nothing
    # moves them: not a compacting garbage collection, and not a change of the original, which copies first.
    LONGEST_COPIED_INPUT = 4096
    LONGEST_ERROR_TEXT = 64 * 1024

    # What has to be let go of with the context, in this order.
    Handle = Struct.new(:pointer, :inputs) do
      def destroy
        Native.context_destroy(pointer) if pointer
        self.pointer = nil
        inputs.clear
      end
    end

    # Calls the block with a context and destroys it afterwards.
    def self.open
      context = new
      begin
        yield context
      ensure
        context.destroy!
      end
    end

    def self.get_image_info_by_filename(filename)
      open do |context|
        context.add_input_buffer_from_file(io_id: 0, filename: filename)
        info = context.get_image_info(io_id: 0)
        { width: info[:image_width], height: info[:image_height], filename: filename }
      end
    end

    def initialize
      pointer = Native.context_create(Native::ABI_MAJOR, Native::ABI_MINOR)
      raise OutOfMemory, "the engine could not create a context" if pointer.null?

      @handle = Handle.new(pointer, [])
      # For contexts nobody destroys. The handle keeps the inputs until then.
      ObjectSpace.define_finalizer(self, self.class.finalizer(@handle))
    end

    def self.finalizer(handle)
      proc { handle.destroy }
    end

    def destroy!
      @handle.destroy
      ObjectSpace.undefine_finalizer(self)
      nil
    end

    def is_destroyed? # rubocop:disable Naming/PredicateName
      @handle.pointer.nil?
    end

    # Adds an input. Long strings are not copied; the bytes are those of now, whatever happens to the string.
    def add_input_buffer(io_id:, bytes:)
      length = bytes ? bytes.bytesize : 0
      borrowed = length > LONGEST_COPIED_INPUT
      if borrowed
        # Shares the bytes: a later change of the original copies them first.
        bytes = bytes.dup.freeze unless bytes.frozen?
        @handle.inputs << bytes
      end
      lifetime = borrowed ? :outlives_context : :outlives_function_call
      raise error unless Native.context_add_input_buffer(pointer, io_id, bytes, length, lifetime)
    end

    def add_input_buffer_from_file(io_id:, filename:)
      add_input_buffer(io_id: io_id, bytes: File.binread(filename).freeze)
    end

    def add_output_buffer(io_id:)
      raise error unless Native.context_add_output_buffer(pointer, io_id)
    end

    # The engine's own memory: valid until the context is destroyed.
    def get_buffer(io_id:)
      buffer = FFI::MemoryPointer.new(:pointer)
      size = FFI::MemoryPointer.new(:size_t)
      raise error unless Native.context_get_output_buffer_by_id(pointer, io_id, buffer, size)

      { buffer: buffer.read_pointer, buffer_size: size.read(:size_t) }
    end

    # A copy of the bytes of an output.
    def get_buffer_bytes(io_id:)
      output = get_buffer(io_id: io_id)
      output[:buffer].read_bytes(output[:buffer_size])
    end

    def write_output_buffer_to_file(io_id:, filename:)
      File.binwrite(filename, get_buffer_bytes(io_id: io_id))
    end

    # Runs a job on inputs and outputs that were added: execute(framewise: {steps: [...]}).
    def execute(framewise:, security: nil)
      send_json(method: "v1/execute", data: { framewise: framewise, security: security }.compact)
    end

    # Runs a job that brings its inputs and outputs: build(build: {io: [...], framewise: {...}}).
    def build(build:)
      send_json(method: "v1/build", data: build)
    end

    # Sends a message, a hash or JSON text. Errors are raised unless raise_error is false.
    def send_json(method:, data:, raise_error: true)
      body = data.is_a?(String) ? data : self.class.json(data)
      response = interruptible(method, body)
      raise error if response.null?

      answer = read(response)
      raise error(answer) if raise_error && !answer.ok?

      answer
    end

    def get_image_info(io_id:)
      send_json(method: "v1/get_image_info", data: { io_id: io_id }).data[:image_info]
    end

    # Lets a JPEG be decoded at a fraction of its size, not below these.
    def set_decoder_downscale_hints(io_id:, downscaled_min_width:, downscaled_min_height:, scale_luma_spatially: true,
                                    gamma_correct_for_srgb_during_spatial_luma_scaling: true)
      hints = {
        width: downscaled_min_width,
        height: downscaled_min_height,
        scale_luma_spatially: scale_luma_spatially,
        gamma_correct_for_srgb_during_spatial_luma_scaling: gamma_correct_for_srgb_during_spatial_luma_scaling
      }
      send_json(method: "v1/tell_decoder", data: { io_id: io_id, command: { jpeg_downscale_hints: hints } })
    end

    # Makes a message that runs on another thread fail with Cancelled, and later ones, too.
    def request_cancellation
      Native.context_request_cancellation(pointer)
    end

    def has_error? # rubocop:disable Naming/PredicateName
      Native.context_has_error(pointer)
    end

    def error_code
      Native.context_error_code(pointer)
    end

    def error_as_http_code
      Native.context_error_as_http_code(pointer)
    end

    def error_as_exit_code
      Native.context_error_as_exit_code(pointer)
    end

    def fetch_error_message
      size = 2048
      loop do
        text = FFI::MemoryPointer.new(:char, size)
        written = FFI::MemoryPointer.new(:size_t)
        complete = Native.context_error_write_to_buffer(pointer, text, size, written)
        if complete || size >= LONGEST_ERROR_TEXT
          return text.read_bytes(written.read(:size_t)).force_encoding(Encoding::UTF_8).scrub
        end

        size *= 2
      end
    end

    def self.json(data)
      JSON.generate(data)
    rescue JSON::GeneratorError => error
      raise InvalidArgument, "the job has a value that JSON cannot hold: #{error.message}"
    end

    private

    def pointer
      @handle.pointer or raise InvalidArgument, "the context was destroyed"
    end

    # The exception for the context's error; for the response's, when the context has none.
    def error(response = nil)
      message = response&.message || fetch_error_message
      status = response ? response.status_code : error_as_http_code
      Error.from_engine(message.strip, code: error_code, http_status: status, response: response)
    end

    def interruptible(method, body)
      context = pointer
      method &&= "#{method}\0"
      Thread.handle_interrupt(Object => :never) do
        # It inherits the mask: nothing but the engine ends it.
        worker = Thread.new { Native.context_send_json(context, method, body, body.bytesize) }
        begin
          Thread.handle_interrupt(Object => :immediate) { worker.join }
        ensure
          if worker.alive?
            Native.context_request_cancellation(context)
            worker.join
          end
        end
        worker.value
      end
    end

    def read(response)
      status = FFI::MemoryPointer.new(:int64)
      text = FFI::MemoryPointer.new(:pointer)
      size = FFI::MemoryPointer.new(:size_t)
      raise error unless Native.json_response_read(pointer, response, status, text, size)

      body = text.read_pointer.read_bytes(size.read(:size_t)).force_encoding(Encoding::UTF_8)
      JsonResponse.parse(body, status.read_int64)
    ensure
      Native.json_response_destroy(pointer, response)
    end
  end
end
