# frozen_string_literal: true

require "rubygems/package"
require "test_helper"

# The gem, as users get it: complete, and installable without network or compiler.
class PackageTest < Minitest::Test
  GEM = Dir[File.expand_path("../pkg/*.gem", __dir__)].first

  def setup
    flunk "run ./test.sh, which makes the gem" unless GEM
  end

  def self.gem_command
    names = ["gem", RbConfig::CONFIG["ruby_install_name"].sub("ruby", "gem")]
    names.map { |name| File.join(RbConfig::CONFIG["bindir"], name) }.find { |path| File.exist?(path) }
  end

  def test_contents
    package = Gem::Package.new(GEM)
    assert_includes package.contents, "lib/imageflow/native/#{Imageflow::Library::FILE_NAME}"
    %w[LICENSE-MIT LICENSE-APACHE README.md lib/imageflow.rb].each { |name| assert_includes package.contents, name }
    assert_empty package.contents.grep(/test|Rakefile/)
    assert_equal ["MIT", "Apache-2.0"], package.spec.licenses
    assert_equal Gem::Platform.local.to_s, package.spec.platform.to_s
    assert_empty package.spec.extensions
    assert_equal ["ffi"], package.spec.runtime_dependencies.map(&:name)
  end

  SCRIPT = <<~'RUBY'
    gem "imageflow"
    require "imageflow"
    abort "a compiler" if %w[cc gcc cargo].any? { |tool| ENV["PATH"].split(":").any? { |dir| File.exist?("#{dir}/#{tool}") } }
    thumb = Imageflow.canvas(w: 64, h: 48, color: "88aacc").constrain(w: 32).webp(quality: 80).to_output
    puts [thumb.width, thumb.height, thumb.mime_type, Imageflow::Native::LIBRARY_PATH].join(" ")
  RUBY

  def test_clean_install
    Dir.mktmpdir do |folder|
      # No compiler in PATH, no network where a namespace of its own can be had, gems in an empty folder. Only ffi is the
      # system's.
      bin = File.join(folder, "bin")
      Dir.mkdir(bin)
      path = [File.join(folder, "gems"), *Gem.path].join(File::PATH_SEPARATOR)
      env = { "PATH" => bin, "GEM_HOME" => File.join(folder, "gems"), "GEM_PATH" => path, "HOME" => folder,
              "IMAGEFLOW_LIBRARY_PATH" => nil, "RUBYOPT" => nil, "RUBYLIB" => nil, "IMAGEFLOW_TEST_GEM" => nil }
      alone = system("unshare", "--net", "true", err: File::NULL) ? ["/usr/bin/unshare", "--net"] : []
      run = lambda do |*arguments|
        out, status = Open3.capture2e(env, *alone, RbConfig.ruby, *arguments, chdir: folder)
        assert status.success?, out
        out
      end
      run.call(self.class.gem_command, "install", "--local", "--no-document", GEM)
      words = run.call("-W", "-e", SCRIPT).lines.last.split
      assert_equal %w[32 24 image/webp], words.first(3)
      assert words.last.start_with?(File.realpath(folder)), words.last
    end
  end
end
