# frozen_string_literal: true

require "test_helper"

# Nothing long is copied on the way in, nothing is kept on the way out.
class MemoryTest < Minitest::Test
  JOBS = 10_000
  EVERY = 100

  def rss
    File.read("/proc/self/statm").split[1].to_i * 4096
  end

  # Least-squares growth per step.
  def slope(values)
    middle = (values.size - 1) / 2.0
    mean = values.sum.fdiv(values.size)
    steps = values.each_index
    steps.sum { |x| (x - middle) * (values[x] - mean) } / steps.sum { |x| (x - middle)**2 }
  end

  def test_ten_thousand_jobs_in_flat_memory
    skip "resident memory is read from /proc" unless File.exist?("/proc/self/statm")
    samples = []
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    # GC stress: full collections, which also move objects where Ruby can.
    compact = GC.respond_to?(:compact)
    JOBS.times do |count|
      # Failing jobs clean up, too; and contexts nobody destroys.
      assert_raises(Imageflow::ImageMalformed) { Pictures.info("nothing") } if (count % 10).zero?
      Imageflow::JobContext.new.add_input_buffer(io_id: 0, bytes: Pictures.png) if (count % 10).zero?
      refute_empty Pictures.bytes(Pictures.png).constrain(w: 16, h: 16).png.to_s
      next unless (count % EVERY).zero?

      compact ? GC.compact : GC.start
      GC.start
      samples << rss
    end
    warm = samples.drop(samples.size / 5)
    per_job = slope(warm) / EVERY
    seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
    puts format("\n%d jobs in %.1f s: %.1f MiB resident, growing by %.1f bytes a job", JOBS, seconds, rss / 2.0**20, per_job)
    # Leaking the smallest part of a job, a context or an output, takes ten times as much.
    assert_operator per_job, :<, 100
    assert_operator warm.last - warm.first, :<, 2 * 2**20
  end

  # Collecting at every allocation finds memory that is used without being kept.
  def test_jobs_under_gc_stress
    expected = Pictures.bytes(Pictures.png).png.to_s
    big = Pictures.drawing(200, 200).encode({ libpng: { zlib_compression: 0 } }).to_s
    GC.stress = true
    small = Pictures.bytes(Pictures.png).png.to_s
    large = Pictures.bytes(big).constrain(w: 10, h: 10).png.to_output
    GC.stress = false
    assert_equal expected, small
    assert_equal 10, large.width
  ensure
    GC.stress = false
  end

  # A string that is changed after it was handed over: the job sees what it was.
  def test_inputs_are_those_of_when_they_were_added
    large = Pictures.drawing(200, 200).encode({ libpng: { zlib_compression: 0 } }).to_s
    [Pictures.png.dup, +large].each do |data|
      Imageflow::JobContext.open do |context|
        context.add_input_buffer(io_id: 0, bytes: data)
        data.replace("x" * data.bytesize)
        data.clear
        GC.start
        assert_operator context.get_image_info(io_id: 0)[:image_width], :>=, 64
      end
    end
  end

  COUNTED = <<~'RUBY'
    require "fiddle"
    require "imageflow"
    counting = Fiddle.dlopen(ARGV[0])
    count = ->(name) { Fiddle::Function.new(counting[name], [], Fiddle::TYPE_INT).call }
    last = Fiddle::Function.new(counting["counted_last_input"], [], Fiddle::TYPE_VOIDP)
    addresses = [File.binread(ARGV[1]), File.binread(ARGV[1]).freeze].map do |data|
      Imageflow.open(Imageflow.from_bytes(data)).png.to_s
      last.call.to_i == Fiddle::Pointer[data].to_i
    end
    Imageflow.open(ARGV[1]).png.to_s
    short = Imageflow.canvas(w: 4, h: 4).png.to_s
    Imageflow.open(Imageflow.from_bytes(short)).png.to_s
    p [addresses, count.("counted_borrowed_inputs"), count.("counted_copied_inputs")]
  RUBY

  def test_inputs_are_not_copied
    Dir.mktmpdir do |folder|
      counting = File.join(folder, "libcounting.so")
      source = File.join(Pictures::SHARED_TESTS, "counting_library.c")
      library = Imageflow::Native::LIBRARY_PATH
      assert system("cc", "-shared", "-fPIC", "-Wall", "-Werror", source, "-o", counting, "-Wl,--no-as-needed", library)
      picture = File.join(folder, "in.png")
      Pictures.drawing(200, 200).encode({ libpng: { zlib_compression: 0 } }).save(picture)
      counted = Pictures.ruby(COUNTED, counting, picture, IMAGEFLOW_LIBRARY_PATH: counting)
      # Three long inputs lent, at their own address; a short one copied, as Ruby may move it.
      assert_equal "[[true, true], 3, 1]", counted
    end
  end
end
