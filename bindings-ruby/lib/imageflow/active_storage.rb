# frozen_string_literal: true

require "tempfile"
require "active_storage"
require "active_storage/transformers/transformer"
require "imageflow"

module Imageflow
  # Makes the variants of Active Storage.
  #
  # The transformations are those of the image_processing gem that Rails programs use; a transformation that is not known
  # is refused, as an image that lacks it would be stored for good.
  class ActiveStorageTransformer < ActiveStorage::Transformers::Transformer
    # For ActiveStorage::Variation to be prepended with. It is where every Rails since 6.1 asks for a transformer.
    module Variation
      private

      def transformer
        ActiveStorageTransformer.new(transformations.except(:format))
      end
    end

    SIZES = { resize_to_limit: :within, resize_to_fit: :fit, resize_to_fill: :fit_crop, resize_and_pad: :fit_pad }.freeze

    private

    # An open Tempfile with the transformed image.
    def process(file, format:)
      job = transformations.inject(Imageflow.open(file.path)) { |image, (name, value)| apply(image, name.to_sym, value) }
      Tempfile.new(["imageflow", ".#{format}"], binmode: true).tap do |output|
        encode(job, format.to_s).save(output)
        output.rewind
      rescue StandardError
        output.close!
        raise
      end
    end

    def apply(image, name, value)
      case name
      when *SIZES.keys then resize(image, name, *value)
      when :crop
        x, y, width, height = value
        image.crop(x1: x, y1: y, x2: x + width, y2: y + height)
      when :rotate then image.rotate(Integer(value))
      when :command then image.command(value)
      when :saver, :quality then image # For encode.
      else
        raise InvalidArgument, "#{name}: not a transformation of imageflow; use #{SIZES.keys.join(", ")}, crop, rotate, " \
                               "saver: {quality: …}, or command: with a querystring"
      end
    end

    def resize(image, name, width, height, options = {})
      unknown = options.keys - [:background]
      raise InvalidArgument, "#{name}: does not know #{unknown.join(", ")}" if unknown.any?

      image.constrain(w: width, h: height, mode: SIZES.fetch(name), canvas_color: options[:background])
    end

    def encode(image, format)
      quality = transformations.dig(:saver, :quality) || transformations[:quality]
      case format.downcase
      when "jpg", "jpeg" then image.jpeg(quality: quality || 90)
      when "webp" then image.webp(quality: quality)
      when "png" then image.png
      when "gif" then image.gif
      else raise InvalidArgument, "format: imageflow writes no #{format} variants; use jpg, webp, png or gif"
      end
    end
  end
end
