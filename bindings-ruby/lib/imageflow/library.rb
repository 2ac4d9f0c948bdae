# frozen_string_literal: true

require "rbconfig"

module Imageflow
  # Where the native library is looked for.
  module Library
    FILE_NAME =
      case RbConfig::CONFIG["host_os"]
      when /mswin|mingw/ then "imageflow.dll"
      when /darwin/ then "libimageflow.dylib"
      else "libimageflow.so"
      end

    class << self
      # In order. IMAGEFLOW_LIBRARY_PATH, once set, is the only place: it must not fail silently.
      def candidates
        given = ENV.fetch("IMAGEFLOW_LIBRARY_PATH", "")
        return [File.directory?(given) ? File.join(given, FILE_NAME) : given] unless given.empty?

        [File.expand_path(File.join("native", FILE_NAME), __dir__), FILE_NAME]
      end

      # The first of the candidates the block accepts; the block raises LoadError for the others.
      def find
        failures = candidates.map do |path|
          return yield(path)
        rescue LoadError => error
          "  #{path}: #{error.message.strip}"
        end
        raise LibraryNotFound, <<~TEXT.chomp
          cannot load the imageflow library on #{RbConfig::CONFIG["host_os"]} #{RbConfig::CONFIG["host_cpu"]}, #{libc}, Ruby #{RUBY_VERSION}. Tried:
          #{failures.join("\n")}
          Install the gem for this platform, or set IMAGEFLOW_LIBRARY_PATH to the library's file or folder.
        TEXT
      end

      private

      def libc
        return "system libc" unless RbConfig::CONFIG["host_os"].include?("linux")
        return "musl" if RbConfig::CONFIG["host_os"].include?("musl")

        require "etc"
        Etc.confstr(Etc::CS_GNU_LIBC_VERSION) || "glibc"
      rescue SystemCallError
        "unknown libc"
      end
    end
  end
end
