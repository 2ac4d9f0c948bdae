# frozen_string_literal: true

require "test_helper"

# Finding the library: where it is looked for, and what is said when it is not there.
class LibraryTest < Minitest::Test
  SHOW = 'require "imageflow"; puts Imageflow::Native::LIBRARY_PATH'
  FAIL = <<~'RUBY'
    require "imageflow"
    begin
      Imageflow.version
    rescue LoadError => error
      abort "not LibraryNotFound" unless error.is_a?(Imageflow::LibraryNotFound)
      puts error.message
    end
  RUBY
  NOT_SET = { IMAGEFLOW_LIBRARY_PATH: nil }.freeze

  def setup
    @folder = Dir.mktmpdir
  end

  def teardown
    FileUtils.remove_entry(@folder)
  end

  def compile(source)
    file = File.join(@folder, "library.c")
    File.write(file, "#include <stdint.h>\n#include <stdbool.h>\n#include <stdlib.h>\n#{source}")
    File.join(@folder, "library.so").tap do |library|
      assert system("cc", "-shared", "-fPIC", file, "-o", library, "-Wl,--no-as-needed", *(yield if block_given?))
    end
  end

  def test_bundled_library_is_found
    assert_match %r{/lib/imageflow/native/#{Imageflow::Library::FILE_NAME}\z}, Pictures.ruby(SHOW, **NOT_SET)
  end

  def test_variable_names_a_file_or_a_folder
    copy = File.join(@folder, Imageflow::Library::FILE_NAME)
    File.symlink(Imageflow::Native::LIBRARY_PATH, copy)
    assert_equal copy, Pictures.ruby(SHOW, IMAGEFLOW_LIBRARY_PATH: copy)
    assert_equal copy, Pictures.ruby(SHOW, IMAGEFLOW_LIBRARY_PATH: @folder)
  end

  def test_variable_is_the_only_place
    text = Pictures.ruby(FAIL, IMAGEFLOW_LIBRARY_PATH: "/no/such/library.so")
    assert_equal 1, text.scan(/^  /).size
    assert_match %r{^  /no/such/library\.so: }, text
  end

  # A gem without its library, on a system without one.
  def test_failure_lists_what_was_tried
    lib = File.dirname($LOADED_FEATURES.grep(%r{/imageflow\.rb\z}).first)
    bare = File.join(@folder, "lib")
    FileUtils.mkdir_p(File.join(bare, "imageflow"))
    FileUtils.cp(File.join(lib, "imageflow.rb"), bare)
    FileUtils.cp(Dir[File.join(lib, "imageflow", "*.rb")], File.join(bare, "imageflow"))
    text, = Open3.capture2e({ "IMAGEFLOW_LIBRARY_PATH" => nil }, RbConfig.ruby, "-I#{bare}", "-e", FAIL)
    name = Imageflow::Library::FILE_NAME
    assert_match %r{^  #{Regexp.escape(bare)}/imageflow/native/#{name}: .*cannot open}, text
    assert_match(/^  #{name}: .*cannot open/, text)
    assert_match(/on linux\S* #{RbConfig::CONFIG["host_cpu"]}, glibc [\d.]+, Ruby #{RUBY_VERSION}/, text)
    assert_match(/set IMAGEFLOW_LIBRARY_PATH/, text)
  end

  def test_other_libraries_are_refused
    other = compile("bool imageflow_abi_compatible(uint32_t a, uint32_t b) { return a == 4; }")
    assert_match(/its ABI is not 3\.1 or a later 3\.x/, Pictures.ruby(FAIL, IMAGEFLOW_LIBRARY_PATH: other))
    unrelated = compile("int nothing;")
    assert_match(/no function imageflow_abi_compatible/, Pictures.ruby(FAIL, IMAGEFLOW_LIBRARY_PATH: unrelated))
  end

  # ABI 3.1 had no take_output_buffer; nothing here needs it.
  def test_older_libraries_work
    older = compile(<<~C) { [Imageflow::Native::LIBRARY_PATH] }
      uint32_t imageflow_abi_version_minor(void) { return 1; }
      bool imageflow_abi_compatible(uint32_t a, uint32_t b) { return a == 3 && b <= 1; }
      bool imageflow_context_take_output_buffer(void *c, int32_t i, uint8_t **b, size_t *n) { abort(); }
    C
    script = 'require "imageflow"; print Imageflow.canvas(w: 5, h: 4).png.to_output.width; ' \
             "print Imageflow::Native.respond_to?(:buffer_free)"
    assert_equal "5false", Pictures.ruby(script, IMAGEFLOW_LIBRARY_PATH: older)
  end

  def test_require_loads_nothing
    assert_equal "required", Pictures.ruby('require "imageflow"; puts "required"', IMAGEFLOW_LIBRARY_PATH: "/no/such.so")
  end
end
