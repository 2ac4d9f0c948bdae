# frozen_string_literal: true

module Imageflow
  # The graph a job builds up, shared by the job and its branches. Each step names its parents, and the one input or output
  # it uses, so that the message of a part of the graph can be told which to register.
  class Plan
    # A node. `options` nil: one without options. `io`: the input, or with `writes` the output, it uses.
    Step = Struct.new(:name, :options, :parent, :canvas, :io, :writes, keyword_init: true) do
      def to_wire
        return { name => { io_id: io, **options } } if io

        options.nil? ? name : { name => options }
      end
    end

    # What to send for a graph or a part of it.
    Message = Struct.new(:framewise, :inputs, :outputs)

    attr_reader :steps, :inputs, :keys

    def initialize
      # In order of creation: parents come before children.
      @steps = []
      @inputs = {}
      @keys = {}
    end

    def add(**fields)
      @steps << Step.new(**fields)
      @steps.size - 1
    end

    # Inputs and outputs are numbered together, from 0.
    def add_input(source)
      next_io.tap { |io_id| @inputs[io_id] = source }
    end

    def add_output(key)
      next_io.tap { |io_id| @keys[io_id] = key }
    end

    # Copies what `tip` of another plan is made of into this plan; returns where it is here.
    def graft(other, tip)
      here = {}
      ids = Hash.new { |known, io_id| known[io_id] = add_input(other.inputs.fetch(io_id)) }
      other.needed(tip).each do |at|
        step = other.steps[at]
        fields = { parent: here[step.parent], canvas: here[step.canvas], io: step.io && ids[step.io] }
        here[at] = add(**step.to_h, **fields)
      end
      here.fetch(tip)
    end

    # The whole graph, or the part of it that `tip` depends on.
    def message(tip = nil)
      number = (tip ? needed(tip) : @steps.each_index).each_with_index.to_h
      message = Message.new({ graph: { nodes: {}, edges: [] } }, {}, [])
      graph = message.framewise[:graph]
      number.each do |at, index|
        step = @steps[at]
        graph[:nodes][index.to_s] = step.to_wire
        graph[:edges] << { from: number[step.parent], to: index, kind: "input" } if step.parent
        graph[:edges] << { from: number[step.canvas], to: index, kind: "canvas" } if step.canvas
        step.writes ? message.outputs << step.io : message.inputs[step.io] = @inputs[step.io] if step.io
      end
      message
    end

    # The tip and its ancestors, in order of creation.
    def needed(tip)
      found = {}
      open = [tip]
      while (at = open.pop)
        next if found[at]

        found[at] = true
        open.concat([@steps[at].parent, @steps[at].canvas].compact)
      end
      found.keys.sort
    end

    private

    def next_io
      @inputs.size + @keys.size
    end
  end
end
