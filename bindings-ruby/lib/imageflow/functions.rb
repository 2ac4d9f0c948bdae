# frozen_string_literal: true

module Imageflow
  ImageInfo = Struct.new(:width, :height, :mime_type, :extension, :frame_decodes_into, :lossless, :multiple_frames,
                         keyword_init: true)

  class << self
    # Begins a job with an image: a path, an IO, or Imageflow.from_bytes(string).
    def open(source, security: nil, commands: nil)
      Job.new(security: security).decode(source, commands: commands)
    end

    # Marks a string as the bytes of a file, for everything that takes a source.
    def from_bytes(bytes)
      raise InvalidArgument, "bytes: #{bytes.class} is not a String" unless bytes.is_a?(String)

      Source::Bytes.new(bytes)
    end

    # Begins a job with an empty image.
    def canvas(...)
      Job.new.canvas(...)
    end

    # Reads the header of an image. Width and height are those after turning by EXIF orientation.
    def info(source)
      JobContext.open do |context|
        context.add_input_buffer(io_id: 0, bytes: Source.new(source).bytes)
        image = context.get_image_info(io_id: 0)
        ImageInfo.new(width: image[:image_width], height: image[:image_height], mime_type: image[:preferred_mime_type],
                      extension: image[:preferred_extension], frame_decodes_into: image[:frame_decodes_into],
                      lossless: image[:lossless], multiple_frames: image[:multiple_frames])
      end
    end

    # Does what a querystring says, format included: querystring("in.jpg", "w=100&format=webp").
    def querystring(source, query, dest = nil, security: nil)
      command = { kind: :ir4, value: query, decode: 0, encode: 1 }
      data = { framewise: { steps: [{ command_string: command }] }, security: security }.compact
      output = run("v1/execute", data, { 0 => Source.new(source) }, [1])[1]
      dest ? output.save(dest) : output
    end

    # The version of the loaded library.
    def version
      JobContext.open do |context|
        context.send_json(method: "v1/get_version_info", data: {}).data[:version_info][:long_version_string]
      end
    end

    # Sends one message on a context of its own. `inputs` are Sources by io_id, `outputs` io_ids.
    def run(method, data, inputs, outputs, keys = {})
      bytes = inputs.transform_values(&:bytes)
      JobContext.open do |context|
        bytes.each { |io_id, content| context.add_input_buffer(io_id: io_id, bytes: content) }
        outputs.each { |io_id| context.add_output_buffer(io_id: io_id) }
        response = context.send_json(method: method, data: data)
        Results.new(response, outputs.to_h { |io_id| [io_id, context.get_buffer_bytes(io_id: io_id)] }, keys)
      end
    end
  end
end
