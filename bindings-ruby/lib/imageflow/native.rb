# frozen_string_literal: true

require "ffi"

module Imageflow
  # The functions of the C library, without the prefix `imageflow_`. See its header for what they do; JobContext wraps them.
  module Native
    extend FFI::Library

    ABI_MAJOR = 3
    # 1 brought cancellation, which this package cannot do without.
    ABI_MINOR = 1

    # Where the library was found.
    LIBRARY_PATH = Imageflow::Library.find do |path|
      library = FFI::DynamicLibrary.open(path, FFI::DynamicLibrary::RTLD_LAZY | FFI::DynamicLibrary::RTLD_LOCAL)
      compatible = library.find_function("imageflow_abi_compatible")
      raise LoadError, "it has no function imageflow_abi_compatible" if compatible.nil? || compatible.null?

      call = FFI::Function.new(:bool, %i[uint32 uint32], compatible)
      raise LoadError, "its ABI is not #{ABI_MAJOR}.#{ABI_MINOR} or a later 3.x" unless call.call(ABI_MAJOR, ABI_MINOR)

      path
    end

    ffi_lib LIBRARY_PATH
    ffi_convention :default

    # How long the bytes of an input stay valid.
    enum :lifetime, [:outlives_function_call, 0, :outlives_context, 1]

    # `blocking`: other Ruby threads run meanwhile. Only what takes long is: it costs a little.
    def self.export(name, arguments, result, **options)
      attach_function name, :"imageflow_#{name}", arguments, result, **options
    end
    private_class_method :export

    export :abi_compatible, %i[uint32 uint32], :bool
    export :abi_version_major, [], :uint32
    export :abi_version_minor, [], :uint32
    export :context_create, %i[uint32 uint32], :pointer
    export :context_begin_terminate, [:pointer], :bool
    export :context_destroy, [:pointer], :void
    export :context_has_error, [:pointer], :bool
    export :context_error_recoverable, [:pointer], :bool
    export :context_error_try_clear, [:pointer], :bool
    export :context_error_code, [:pointer], :int32
    export :context_error_as_exit_code, [:pointer], :int32
    export :context_error_as_http_code, [:pointer], :int32
    export :context_error_write_to_buffer, %i[pointer pointer size_t pointer], :bool
    export :context_print_and_exit_if_error, [:pointer], :bool
    export :context_send_json, %i[pointer pointer pointer size_t], :pointer, blocking: true
    export :json_response_read, %i[pointer pointer pointer pointer pointer], :bool
    export :json_response_destroy, %i[pointer pointer], :bool
    export :context_add_input_buffer, %i[pointer int32 pointer size_t lifetime], :bool, blocking: true
    export :context_add_output_buffer, %i[pointer int32], :bool
    export :context_get_output_buffer_by_id, %i[pointer int32 pointer pointer], :bool
    export :context_request_cancellation, [:pointer], :void
    export :context_memory_allocate, %i[pointer size_t pointer int32], :pointer
    export :context_memory_free, %i[pointer pointer pointer int32], :bool
    if abi_version_minor >= 2
      export :context_take_output_buffer, %i[pointer int32 pointer pointer], :bool
      export :buffer_free, %i[pointer size_t], :bool
    end
  end
end
