# frozen_string_literal: true

require "test_helper"

# The messages a chain sends equal the vectors all bindings share.
class BuilderTest < Minitest::Test
  CASES = JSON.parse(File.read(File.join(Pictures::SHARED_TESTS, "builder.json")))
  # Every tag of the vectors is offered.
  NOT_OFFERED = [].freeze

  def self.symbols(value)
    JSON.parse(JSON.generate(value), symbolize_names: true)
  end

  CASES.each do |vector|
    next if (vector.fetch("needs", []) & NOT_OFFERED).any?

    define_method("test_#{vector["name"]}") { check(vector) }
  end
  puts "builder vectors: #{instance_methods.grep(/\Atest_/).size} of #{CASES.size}"

  def test_comparison_sees_differences
    chain = [[0, 1, "input"]]
    decode = { "decode" => { "io_id" => 0 } }
    expected = forms([decode, "flip_v"], chain)
    assert_equal expected, forms([decode, { "flip_v" => nil }], chain)
    refute_equal expected, forms([decode, "flip_h"], chain)
    refute_equal expected, forms([{ "decode" => { "io_id" => 1 } }, "flip_v"], chain)
    refute_equal expected, forms([decode, "flip_v"], [[0, 1, "canvas"]])
    refute_equal expected, forms([decode, "flip_v"], [])
  end

  private

  def check(vector)
    expected = vector["expected"]
    calls = self.class.symbols(vector["calls"])
    if calls[0][0] == "command_io"
      message, inputs, outputs = sent { Imageflow.querystring(StringIO.new, calls[0][1][:value]) }
      assert_equal [[0], [1]], [inputs.keys, outputs]
      assert_equal({ "framewise" => { "steps" => expected["nodes"] } }, message)
      return
    end
    message, inputs, outputs, keys = sent { start(calls).run }
    # A drawn image is numbered after its canvas here: map back by what each input and output stands for.
    ids = inputs.transform_values { |source| Integer(source.given.bytes) }
    outputs.each { |io_id| ids[io_id] = Integer(keys[io_id]) }
    graph = message["framewise"]["graph"]
    nodes = graph["nodes"].size.times.map { |at| renumber(graph["nodes"][at.to_s], ids) }
    edges = graph["edges"].map { |edge| edge.values_at("from", "to", "kind") }
    assert_equal forms(expected["nodes"], expected["edges"]), forms(nodes, edges)
  end

  # What a run would send: the message as JSON says it, inputs, outputs and their keys.
  def sent(&block)
    captured = nil
    Imageflow.stub(:run, lambda { |_method, data, inputs, outputs, keys = {}|
      captured = [JSON.parse(Imageflow::JobContext.json(data)), inputs, outputs, keys]
      throw :sent
    }) { catch(:sent, &block) }
    captured
  end

  def start(calls)
    (call, args), *rest = calls
    job = call == "create_canvas" ? Imageflow.canvas(**args) : Imageflow.open(source(args[:io]), commands: args[:commands])
    apply(job, rest)
  end

  def source(io)
    Imageflow.from_bytes(io.to_s)
  end

  # Calls the methods; returns the job to run, which is another one where the vector draws onto a canvas.
  def apply(job, calls)
    calls.each { |call, args| job = apply_one(job, call, args) }
    job
  end

  def apply_one(job, call, args)
    case call
    when "encode" then job.encode(preset(args[:preset]), key: args[:io].to_s)
    when "branch" then job.branch { |branch| apply(branch, args) }
    when "draw_image_exact" then return start(args[:canvas]).draw_image_exact(job, **args.except(:canvas))
    when "copy_rect_to_canvas" then return start(args[:canvas]).copy_rect(job, **args.except(:canvas))
    when "watermark" then job.watermark(source(args[:io]), **ruby_values(args.except(:io)))
    when "color_filter" then color_filter(job, args[:filter])
    when "round_corners"
      unit, radius = args[:radius].first
      job.round_corners((unit == :percentage ? :percent : unit) => radius, **ruby_values(args.except(:radius)))
    when "command" then job.command(args[:value])
    when /\Arotate_(\d+)/ then job.rotate(Integer(Regexp.last_match(1)))
    when "apply_orientation" then job.apply_orientation(args[:flag])
    when "white_balance" then job.white_balance(args[:threshold])
    when "color_matrix" then job.color_matrix(args[:matrix])
    else args.empty? ? job.public_send(call) : job.public_send(call, **ruby_values(args))
    end
    job
  end

  def color_filter(job, filter)
    return job.public_send(*filter.first) if filter.is_a?(Hash)

    kind = filter[/\Agrayscale_(.*)/, 1]
    kind ? job.grayscale(kind.to_sym) : job.public_send(filter)
  end

  # Colours and gravity as Ruby programs write them.
  def ruby_values(args)
    args.to_h do |name, value|
      value = value[:srgb][:hex] if value.is_a?(Hash) && value[:srgb]
      value = value[:percentage].values_at(:x, :y) if name == :gravity
      [name, value]
    end
  end

  def preset(value)
    value.is_a?(Hash) ? value.transform_values { |options| ruby_values(options) } : value.to_sym
  end

  # Unit variants as strings, nothing null or empty, one spelling of numbers and colours.
  def plain(value)
    case value
    when Hash
      return value.keys.first if value.size == 1 && value.values == [nil]

      values = value.compact.to_h { |name, member| [name, plain(member)] }
      values["commands"] = values["commands"].sort_by(&:to_s) if values["commands"]
      values["hex"] = values["hex"].downcase.delete_prefix("#") if values["hex"]
      values.reject { |name, member| %w[hints commands].include?(name) && member.empty? }.sort.to_h
    when Array then value.map { |member| plain(member) }
    when Float then value == value.to_i ? value.to_i : value
    else value
    end
  end

  # One text per node, which tells the node and all it is made of; node numbers do not matter.
  def forms(nodes, edges)
    parents = edges.to_h { |from, to, kind| [[to, kind], from] }
    assert_equal edges.size, parents.size
    form = lambda do |at|
      at && [plain(nodes[at]), form.call(parents[[at, "input"]]), form.call(parents[[at, "canvas"]])]
    end
    nodes.each_index.map { |at| JSON.generate(form.call(at)) }.sort
  end

  def renumber(node, ids)
    return node unless node.is_a?(Hash)

    node.transform_values do |options|
      options.is_a?(Hash) && options["io_id"] ? options.merge("io_id" => ids.fetch(options["io_id"])) : options
    end
  end
end
