# frozen_string_literal: true

# What the gem adds to a job: 64×64 PNG to PNG, in Ruby and in C, in turns.
#
#   ruby bench/overhead.rb [jobs per round]
#
# Needs cc. Prints the median of each, and the difference.

require "tmpdir"
$LOAD_PATH.unshift File.expand_path("../lib", __dir__)
require "imageflow"

CHECKOUT = File.expand_path("../..", __dir__)
ROUNDS = 5

def median_microseconds(jobs)
  times = Array.new(jobs) do
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) * 1e6
  end
  times.sort[jobs / 2]
end

jobs = Integer(ARGV.fetch(0, 1000))
png = Imageflow.canvas(w: 64, h: 64, color: "88aacc").fill_rect(x1: 8, y1: 8, x2: 40, y2: 40, color: "cc3300").png.to_s
Dir.mktmpdir do |folder|
  picture = File.join(folder, "in.png")
  program = File.join(folder, "raw_jobs")
  File.binwrite(picture, png)
  source = File.join(CHECKOUT, "tests", "bindings", "raw_jobs.c")
  system("cc", "-O2", source, "-o", program, "-I#{CHECKOUT}/include", Imageflow::Native::LIBRARY_PATH, exception: true)
  raw, ours = Array.new(ROUNDS) do
    [Float(IO.popen([program, picture, jobs.to_s], &:read)),
     median_microseconds(jobs) { Imageflow.open(Imageflow.from_bytes(png)).png.to_s }]
  end.transpose.map(&:min)
  puts "64×64 PNG to PNG, best of #{ROUNDS} medians of #{jobs} jobs"
  puts format("C     %7.1f µs", raw)
  puts format("to_s  %7.1f µs: %.1f µs more", ours, ours - raw)
end
