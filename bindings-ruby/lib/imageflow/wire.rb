# frozen_string_literal: true

module Imageflow
  # The engine's form of what the chain methods take in Ruby's.
  module Wire
    HEX = /\A#?(\h{3,4}|\h{6}|\h{8})\z/

    module_function

    # A colour: "black", :transparent, hex digits, [r, g, b] or [r, g, b, a]. `field` names it in errors.
    def color(value, field)
      case value
      when Hash then return value
      when :black, :transparent, "black", "transparent" then return value.to_s
      when HEX then return { srgb: { hex: value.delete_prefix("#").downcase } }
      when Array
        if [3, 4].include?(value.size) && value.all? { |channel| channel.is_a?(Integer) && channel.between?(0, 255) }
          return { srgb: { hex: value.map { |channel| format("%02x", channel) }.join } }
        end
      end
      raise InvalidArgument,
            "#{field}: #{value.inspect} is not a colour; use :black, :transparent, hex digits such as \"ff8800\", or " \
            "[r, g, b] or [r, g, b, a] with numbers from 0 to 255"
    end

    # Where to put what is smaller: :center, or [x, y] in percent.
    def gravity(value)
      return value unless value.is_a?(Array)
      raise InvalidArgument, "gravity: #{value.inspect} is not a place; use :center or [x, y] in percent" if value.size != 2

      { percentage: { x: value[0], y: value[1] } }
    end

    def hints(value)
      return value unless value.is_a?(Hash) && value[:background_color]

      value.merge(background_color: color(value[:background_color], "hints[:background_color]"))
    end

    # Some JSON fields take colours: matte, in presets.
    def preset(value)
      return value unless value.is_a?(Hash)

      value.transform_values do |options|
        next options unless options.is_a?(Hash) && options[:matte]

        options.merge(matte: color(options[:matte], "matte"))
      end
    end
  end
end
