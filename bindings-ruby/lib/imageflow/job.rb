# frozen_string_literal: true

module Imageflow
  # A chain of operations on an image. Every method that is not an output returns the job itself.
  class Job
    PRESET_OF_SUFFIX = {
      ".jpg" => { mozjpeg: { quality: 90, progressive: true } },
      ".jpeg" => { mozjpeg: { quality: 90, progressive: true } },
      ".png" => { lodepng: {} },
      ".webp" => { webplossy: { quality: 80 } },
      ".gif" => :gif,
      ".jxl" => { format: { format: "jxl", lossless: "true" } }
    }.freeze

    attr_reader :plan, :tip
    protected :plan, :tip

    # `security` holds limits: {max_decode_size: {w: 4000, h: 4000, megapixels: 16}}.
    def initialize(security: nil, plan: Plan.new, tip: nil)
      @security = security
      @plan = plan
      @tip = tip
    end

    # Starts with an image: a path, an IO, or Imageflow.from_bytes. `commands` are for the decoder, as JSON.
    def decode(source, commands: nil)
      @tip = @plan.add(name: :decode, options: { commands: commands }.compact, io: @plan.add_input(Source.new(source)))
      self
    end

    # Starts with an empty image.
    def canvas(w:, h:, color: :transparent, format: "bgra_32")
      @tip = @plan.add(name: :create_canvas, options: { w: w, h: h, color: Wire.color(color, "color"), format: format })
      self
    end

    # Size

    # Fits the image to a size. "within" only shrinks, "fit" enlarges too, "…_crop" fills the size, "…_pad" pads it.
    def constrain(w: nil, h: nil, mode: :within, hints: nil, gravity: nil, canvas_color: nil)
      color = canvas_color && Wire.color(canvas_color, "canvas_color")
      add(:constrain, { mode: mode, w: w, h: h, hints: Wire.hints(hints), gravity: Wire.gravity(gravity),
                        canvas_color: color }.compact)
    end

    # Scales to exactly this size, whatever the proportions.
    def distort(w:, h:, hints: nil)
      add(:resample_2d, { w: w, h: h, hints: Wire.hints(hints) }.compact)
    end

    # Cropping and canvas

    # Keeps the pixels from (x1, y1) up to, not including, (x2, y2).
    def crop(x1:, y1:, x2:, y2:)
      add(:crop, { x1: x1, y1: y1, x2: x2, y2: y2 })
    end

    # Like crop, but the region may lie outside the image.
    def region(x1:, y1:, x2:, y2:, background_color: :transparent)
      color = Wire.color(background_color, "background_color")
      add(:region, { x1: x1, y1: y1, x2: x2, y2: y2, background_color: color })
    end

    # Like region, in percent of width and height.
    def region_percent(x1:, y1:, x2:, y2:, background_color: :transparent)
      color = Wire.color(background_color, "background_color")
      add(:region_percent, { x1: x1, y1: y1, x2: x2, y2: y2, background_color: color })
    end

    # Removes the uniform border.
    def crop_whitespace(threshold: 80, percent_padding: 0)
      add(:crop_whitespace, { threshold: threshold, percent_padding: percent_padding })
    end

    # Adds pixels at the sides.
    def expand_canvas(left: 0, top: 0, right: 0, bottom: 0, color: :transparent)
      color = Wire.color(color, "color")
      add(:expand_canvas, { left: left, top: top, right: right, bottom: bottom, color: color })
    end

    # Replaces the pixels from (x1, y1) up to, not including, (x2, y2).
    def fill_rect(x1:, y1:, x2:, y2:, color:)
      add(:fill_rect, { x1: x1, y1: y1, x2: x2, y2: y2, color: Wire.color(color, "color") })
    end

    # Rounds the corners by a radius in pixels, in percent, or into a circle.
    def round_corners(pixels: nil, percent: nil, circle: false, background_color: :transparent)
      radius = { pixels: pixels, percentage: percent }.compact
      radius = circle ? [*radius, :circle] : radius.to_a
      raise InvalidArgument, "round_corners: give one of pixels, percent and circle: true" unless radius.size == 1

      radius = circle ? :circle : radius.to_h
      add(:round_image_corners, { radius: radius, background_color: Wire.color(background_color, "background_color") })
    end

    # Turning

    # Turns clockwise by a multiple of 90 degrees.
    def rotate(degrees)
      turns = { 0 => nil, 90 => :rotate_90, 180 => :rotate_180, 270 => :rotate_270 }
      unless degrees.is_a?(Integer) && turns.key?(degrees % 360)
        raise InvalidArgument, "degrees: #{degrees.inspect} is not supported; use a multiple of 90"
      end

      name = turns[degrees % 360]
      name ? add(name) : self
    end

    # Swaps left and right.
    def flip_h
      add(:flip_h)
    end

    # Swaps top and bottom.
    def flip_v
      add(:flip_v)
    end

    # Swaps rows and columns.
    def transpose
      add(:transpose)
    end

    # Turns by an EXIF orientation from 1 to 8. JPEG inputs are turned by their own already.
    def apply_orientation(flag)
      add(:apply_orientation, { flag: flag })
    end

    # Other images

    # Draws another image over this one, within a box such as {image_percentage: {x1: 50, y1: 50, x2: 95, y2: 95}}.
    def watermark(source, gravity: nil, fit_box: nil, fit_mode: nil, opacity: nil, min_canvas_width: nil,
                  min_canvas_height: nil, hints: nil)
      options = { gravity: Wire.gravity(gravity), fit_box: fit_box, fit_mode: fit_mode, opacity: opacity,
                  min_canvas_width: min_canvas_width, min_canvas_height: min_canvas_height, hints: Wire.hints(hints) }
      require_image
      add(:watermark, options.compact, io: @plan.add_input(Source.new(source)))
    end

    # Marks the bottom right corner with 3×3 red pixels.
    def watermark_red_dot
      add(:watermark_red_dot)
    end

    # Scales another image (or job) to w×h and draws it onto this one at (x, y).
    def draw_image_exact(other, x:, y:, w:, h:, blend: nil, hints: nil)
      draw(:draw_image_exact, other, { x: x, y: y, w: w, h: h, blend: blend, hints: Wire.hints(hints) }.compact)
    end

    # Copies w×h pixels of another image (or job), from (from_x, from_y), onto this one at (x, y).
    def copy_rect(other, from_x:, from_y:, w:, h:, x:, y:)
      draw(:copy_rect_to_canvas, other, { from_x: from_x, from_y: from_y, w: w, h: h, x: x, y: y })
    end

    # Colour

    # kind: :ntsc, :flat, :bt709 or :ry.
    def grayscale(kind = :bt709)
      add(:color_filter_srgb, "grayscale_#{kind}")
    end

    def sepia
      add(:color_filter_srgb, :sepia)
    end

    def invert
      add(:color_filter_srgb, :invert)
    end

    # Multiplies opacity: 0 is transparent, 1 changes nothing.
    def alpha(value)
      add(:color_filter_srgb, { alpha: value })
    end

    # -1 is black, 0 changes nothing, 1 is white.
    def brightness(value)
      add(:color_filter_srgb, { brightness: value })
    end

    # -1 is gray, 0 changes nothing.
    def contrast(value)
      add(:color_filter_srgb, { contrast: value })
    end

    # -1 is gray, 0 changes nothing.
    def saturation(value)
      add(:color_filter_srgb, { saturation: value })
    end

    # Stretches each channel, leaving out this fraction of the pixels at both ends.
    def white_balance(threshold = nil)
      add(:white_balance_histogram_area_threshold_srgb, { threshold: threshold }.compact)
    end

    # Multiplies colours by a 5×5 matrix: rows r, g, b, a and an offset, columns R, G, B, A.
    def color_matrix(matrix)
      add(:color_matrix_srgb, { matrix: matrix })
    end

    # Everything else

    # Does what a querystring says, such as "w=100&mode=max".
    def command(querystring)
      add(:command_string, { kind: :ir4, value: querystring })
    end

    # Adds a node of the engine by its JSON, for those without a method here.
    def node(name, options = nil)
      add(name, options)
    end

    # Calls the block with a job that continues from here, for another output; this job goes on where it was.
    def branch
      require_image
      yield Job.new(security: @security, plan: @plan, tip: @tip)
      self
    end

    # Outputs

    # Declares an output in the format of a preset, as JSON: {mozjpeg: {quality: 80}}, :gif. `key` names it in the results.
    def encode(preset, key: nil)
      require_image
      if key && @plan.keys.each_value.any? { |known| known.to_s == key.to_s }
        raise InvalidArgument, "key: there is an output #{key.inspect} already; choose another name"
      end

      options = { preset: Wire.preset(preset) }
      io_id = @plan.add_output(key)
      Pending.new(self, @plan.add(name: :encode, options: options, parent: @tip, io: io_id, writes: true), io_id)
    end

    # Transparent pixels are put on `matte`, white if nil.
    def jpeg(quality: 90, progressive: true, matte: nil, key: nil)
      encode({ mozjpeg: { quality: quality, progressive: progressive, matte: matte }.compact }, key: key)
    end

    # Lossless, or with lossless: false a palette of up to 256 colours.
    def png(lossless: true, quality: nil, minimum_quality: nil, speed: nil, maximum_deflate: nil, key: nil)
      palette = { quality: quality, minimum_quality: minimum_quality, speed: speed }.compact
      raise InvalidArgument, "#{palette.keys.first}: a lossless PNG has none; add lossless: false" if lossless && palette.any?

      palette[:maximum_deflate] = maximum_deflate unless maximum_deflate.nil?
      encode({ (lossless ? :lodepng : :pngquant) => palette }, key: key)
    end

    # Of quality 80 unless given.
    def webp(quality: nil, lossless: false, key: nil)
      return encode({ webplossy: { quality: quality || 80 } }, key: key) unless lossless
      raise InvalidArgument, "quality: a lossless WebP has none; leave out quality or lossless: true" if quality

      encode(:webplossless, key: key)
    end

    def gif(key: nil)
      encode(:gif, key: key)
    end

    # Writes a file in the format its suffix names. For settings: job.webp(quality: 70).save(dest).
    def save(dest)
      suffix = File.extname(dest.respond_to?(:to_path) ? dest.to_path : dest.to_s).downcase
      preset = PRESET_OF_SUFFIX.fetch(suffix) do
        raise InvalidArgument,
              "dest: cannot tell the format of #{dest.inspect}; use a name that ends with one of " \
              "#{PRESET_OF_SUFFIX.keys.join(", ")}, or choose the format first, as in job.webp.save(dest)"
      end
      require_image
      # In a copy: `run` makes what was declared otherwise.
      copy = Plan.new
      Job.new(security: @security, plan: copy, tip: copy.graft(@plan, @tip)).encode(preset).save(dest)
    end

    # Makes every output that was declared, branches included. Timeout.timeout around it stops the engine.
    def run
      run_message(@plan.message)
    end

    # For Pending.
    def run_part(tip)
      run_message(@plan.message(tip))
    end

    private

    def require_image
      raise InvalidArgument, "the job has no image yet; begin with decode(source) or canvas(w:, h:)" unless @tip
    end

    def add(name, options = nil, canvas: nil, io: nil)
      require_image
      @tip = @plan.add(name: name, options: options, parent: @tip, canvas: canvas, io: io)
      self
    end

    def draw(name, other, options)
      require_image
      drawn = other.is_a?(Job) ? other : Job.new.decode(other)
      raise InvalidArgument, "other: the job to draw has no image yet" unless drawn.tip

      tip = drawn.plan.equal?(@plan) ? drawn.tip : @plan.graft(drawn.plan, drawn.tip)
      @tip = @plan.add(name: name, options: options, parent: tip, canvas: @tip)
      self
    end

    def run_message(message)
      data = { framewise: message.framewise, security: @security }.compact
      Imageflow.run("v1/execute", data, message.inputs, message.outputs, @plan.keys)
    end
  end

  # A declared output. Its methods make this output alone; Job#run makes all of them.
  class Pending
    attr_reader :io_id

    def initialize(job, tip, io_id)
      @job = job
      @tip = tip
      @io_id = io_id
    end

    # The encoded image with its size and type.
    def to_output
      @job.run_part(@tip)[@io_id]
    end

    # The encoded image, as a binary string.
    def to_s
      to_output.bytes
    end

    # Writes the encoded image to a path or an IO.
    def save(dest)
      to_output.save(dest)
    end

    # Makes every output of the job.
    def run
      @job.run
    end
  end
end
