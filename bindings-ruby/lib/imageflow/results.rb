# frozen_string_literal: true

module Imageflow
  # One encoded image.
  Output = Struct.new(:io_id, :key, :width, :height, :mime_type, :extension, :bytes, keyword_init: true) do
    # The file, as a binary string.
    def to_s
      bytes
    end

    # Writes the file to a path or an IO.
    def save(dest)
      if dest.respond_to?(:write) && !dest.is_a?(Pathname)
        dest.binmode if dest.respond_to?(:binmode)
        dest.write(bytes)
      else
        File.binwrite(dest, bytes)
      end
      self
    end

    def inspect
      "#<Imageflow::Output #{key || io_id}: #{width}x#{height} #{mime_type}, #{bytes.bytesize} bytes>"
    end
  end

  # The outputs of a run, found by key or io_id; enumerable.
  class Results
    include Enumerable

    # The JsonResponse, with timings under data[:job_result][:performance].
    attr_reader :response

    def initialize(response, bytes, keys)
      @response = response
      job = response.data.is_a?(Hash) ? response.data[:job_result] || response.data[:build_result] : nil
      encodes = (job ? job[:encodes] : []).select { |encode| bytes.key?(encode[:io_id]) }
      @outputs = encodes.map do |encode|
        io_id = encode[:io_id]
        Output.new(io_id: io_id, key: keys[io_id], width: encode[:w], height: encode[:h], bytes: bytes[io_id],
                   mime_type: encode[:preferred_mime_type], extension: encode[:preferred_extension])
      end
    end

    def [](key)
      @outputs.find { |output| key.is_a?(Integer) ? output.io_id == key : output.key&.to_s == key.to_s } or
        raise KeyError, "no output #{key.inspect}; there are #{@outputs.map { |output| output.key || output.io_id }}"
    end

    def each(&block)
      @outputs.each(&block)
    end

    def size
      @outputs.size
    end
  end
end
