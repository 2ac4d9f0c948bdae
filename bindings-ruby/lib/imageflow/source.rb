# frozen_string_literal: true

require "pathname"

module Imageflow
  # An input of a job: a path, an IO, or an object that has bytes (see Imageflow.from_bytes). Read once, when a run first
  # needs it.
  class Source
    # Marks a string as the bytes of a file; other strings are paths.
    Bytes = Struct.new(:bytes)

    attr_reader :given

    def initialize(given)
      if given.is_a?(String) && given.include?("\0")
        raise InvalidArgument, "source: this string is not a path; for the bytes of a file use Imageflow.from_bytes"
      end
      unless given.is_a?(String) || given.is_a?(Bytes) || %i[to_path read].any? { |name| given.respond_to?(name) }
        raise InvalidArgument,
              "source: cannot read an image from #{given.class}; give a path, an IO, or Imageflow.from_bytes(string)"
      end

      @given = given
      # One job may run on several threads; an IO can be read once.
      @mutex = Mutex.new
    end

    def bytes
      @mutex.synchronize { @bytes ||= read }
    end

    private

    def read
      case @given
      when Bytes then @given.bytes
      when String then File.binread(@given).freeze
      else
        # An IO before a path: files that were opened have both, and may have been unlinked.
        return @given.read.to_s.b.freeze if @given.respond_to?(:read) && !@given.is_a?(::Pathname)

        File.binread(@given.to_path).freeze
      end
    end
  end
end
