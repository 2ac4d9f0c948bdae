# frozen_string_literal: true

require "test_helper"

# Whatever interrupts the caller does so at once, with its own exception, and stops the engine.
class CancelTest < Minitest::Test
  LIMIT = 0.1

  # A machine that tests run on does other things, too: the best of three tells what the package does.
  def best
    Array.new(3) { yield }.min
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  def test_timeout
    latency = best do
      start = now
      assert_raises(Timeout::Error) { Timeout.timeout(0.2) { Pictures.slow.png.to_s } }
      now - start - 0.2
    end
    assert_operator latency, :<, LIMIT
  end

  Stop = Class.new(StandardError)

  def test_thread_raise
    latency = best do
      thread = Thread.new { Pictures.slow.png.to_s }
      thread.report_on_exception = false
      sleep 0.2
      start = now
      thread.raise(Stop)
      assert_raises(Stop) { thread.value }
      now - start
    end
    assert_operator latency, :<, LIMIT
  end

  def test_thread_kill
    latency = best do
      thread = Thread.new { Pictures.slow.png.to_s }
      sleep 0.2
      start = now
      thread.kill.join
      now - start
    end
    assert_operator latency, :<, LIMIT
  end

  def test_request_cancellation
    context = Imageflow::JobContext.new
    context.add_output_buffer(io_id: 1)
    steps = [{ create_canvas: { w: 6000, h: 6000, format: :bgra_32, color: :black } },
             { resample_2d: { w: 5990, h: 5990 } }, { resample_2d: { w: 6000, h: 6000 } },
             { encode: { io_id: 1, preset: { lodepng: {} } } }]
    thread = Thread.new { context.execute(framewise: { steps: steps }) }
    thread.report_on_exception = false
    sleep 0.1
    start = now
    context.request_cancellation
    assert_raises(Imageflow::Cancelled) { thread.value }
    assert_operator now - start, :<, 1
    context.destroy!
  end

  def test_ctrl_c
    script = <<~RUBY
      require "imageflow"
      job = Imageflow.canvas(w: 6000, h: 6000)
      20.times { job.distort(w: 5990, h: 5990).distort(w: 6000, h: 6000) }
      Thread.new { sleep 0.3; Process.kill(:INT, Process.pid) }
      begin
        job.png.to_s
      rescue Interrupt
        puts "interrupted"
      end
    RUBY
    start = now
    assert_equal "interrupted", Pictures.ruby(script)
    assert_operator now - start, :<, 3
  end

  # Nothing of a cancelled job is left running.
  def test_no_thread_is_left
    before = Thread.list.size
    assert_raises(Stop) { Timeout.timeout(0.1, Stop) { Pictures.slow.png.to_s } }
    assert_operator Thread.list.size, :<=, before + 1 # Timeout keeps one of its own.
  end

  def test_other_threads_run_meanwhile
    steps = 0
    counter = Thread.new { loop { steps += 1 } }
    Pictures.drawing(3000, 3000).distort(w: 2900, h: 2900).png.to_s
    counter.kill.join
    assert_operator steps, :>, 10_000
  end
end
