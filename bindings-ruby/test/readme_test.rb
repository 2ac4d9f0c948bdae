# frozen_string_literal: true

require "test_helper"

# The README's snippets run as they are.
class ReadmeTest < Minitest::Test
  SNIPPETS = File.read(File.expand_path("../README.md", __dir__)).scan(/^```ruby\n(.*?)^```$/m).flatten

  def test_the_readme_has_snippets
    assert_equal 6, SNIPPETS.size
  end

  SNIPPETS.each_with_index do |snippet, number|
    define_method("test_snippet_#{number}") do
      Dir.mktmpdir do |folder|
        Dir.chdir(folder) do
          Pictures.drawing(640, 480).save("in.jpg")
          Pictures.drawing(32, 32).save("logo.png")
          printed = Pictures.ruby(snippet)
          # Each leaves a picture or prints something.
          made = Dir["*"] - %w[in.jpg logo.png]
          refute_empty [*made, *printed.lines]
          made.each { |path| assert_operator Imageflow.info(path).width, :>, 0 }
        end
      end
    end
  end
end
