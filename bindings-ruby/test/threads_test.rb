# frozen_string_literal: true

require "test_helper"

# Many jobs at once, and one job from many threads.
class ThreadsTest < Minitest::Test
  def test_32_concurrent_jobs
    work = Pictures.all.values.cycle.take(32).each_with_index.to_a
    job = ->(data, at) { Pictures.bytes(data).constrain(w: 20 + at).jpeg.to_s }
    expected = work.map { |data, at| job.call(data, at) }
    4.times { assert_equal expected, work.map { |data, at| Thread.new { job.call(data, at) } }.map(&:value) }
  end

  def test_one_job_runs_on_many_threads
    pending = Imageflow.open(StringIO.new(Pictures.png)).png
    expected = Pictures.bytes(Pictures.png).png.to_s
    assert_equal [expected] * 16, Array.new(16) { Thread.new { pending.to_s } }.map(&:value)
  end

  def test_fork
    skip "no fork here" unless Process.respond_to?(:fork)
    Pictures.drawing.png.to_s
    _, status = Process.wait2(fork { exit!(Pictures.drawing.png.to_s.empty? ? 1 : 0) })
    assert status.success?
  end
end
