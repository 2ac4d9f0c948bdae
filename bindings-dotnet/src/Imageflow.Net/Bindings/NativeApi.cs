using System.Runtime.InteropServices;

namespace Imageflow.Bindings;

/// <summary>
/// The functions of the C ABI, resolved once from the library that <see cref="NativeLibraryLoader"/> found.
/// </summary>
/// <remarks>
/// Function pointers rather than <c>DllImport</c>: every target framework then uses the library that our own search
/// found, under whatever name it has, and there is no marshalling stub, so trimming and native AOT need no hints.
/// <c>bool</c> is one byte in this ABI, hence <c>byte</c>.
/// </remarks>
internal sealed unsafe class NativeApi
{
    private const uint AbiMajor = 3;

    /// <summary>3.1 brought cancellation, which this package cannot do without.</summary>
    private const uint MinimumAbiMinor = 1;

    /// <summary>3.2 brought <c>take_output_buffer</c>; without it outputs are copied.</summary>
    private const uint TakeAbiMinor = 2;

    private static readonly object Gate = new();
    private static NativeApi? s_instance;

    internal readonly delegate* unmanaged[Cdecl]<uint, uint, IntPtr> ContextCreate;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, void> ContextDestroy;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, byte> HasError;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, int> ErrorCode;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, int> ErrorAsHttpCode;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, byte*, nuint, nuint*, byte> ErrorWriteToBuffer;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, byte*, byte*, nuint, IntPtr> SendJson;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, IntPtr, long*, byte**, nuint*, byte> ResponseRead;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, IntPtr, byte> ResponseDestroy;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte*, nuint, int, byte> AddInputBuffer;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte> AddOutputBuffer;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte**, nuint*, byte> GetOutputBuffer;
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, void> RequestCancellation;

    /// <summary>Null in a library of ABI 3.1.</summary>
    internal readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte**, nuint*, byte> TakeOutputBuffer;
    internal readonly delegate* unmanaged[Cdecl]<byte*, nuint, byte> BufferFree;

    internal uint AbiMinor { get; }

    private NativeApi(LoadedLibrary library)
    {
        var compatible = (delegate* unmanaged[Cdecl]<uint, uint, byte>)library.Symbol("imageflow_abi_compatible");
        if (compatible(AbiMajor, MinimumAbiMinor) == 0)
        {
            var major = (delegate* unmanaged[Cdecl]<uint>)library.Symbol("imageflow_abi_version_major");
            var minor = (delegate* unmanaged[Cdecl]<uint>)library.Symbol("imageflow_abi_version_minor");
            throw new ImageflowAssertionFailed(
                $"{library.Path} has imageflow ABI {major()}.{minor()}; this version of Imageflow.Net needs "
                + $"{AbiMajor}.{MinimumAbiMinor} or a later {AbiMajor}.x. Install the Imageflow.NativeRuntime package "
                + "of the same version as Imageflow.Net.");
        }

        AbiMinor = compatible(AbiMajor, TakeAbiMinor) != 0 ? TakeAbiMinor : MinimumAbiMinor;
        ContextCreate = (delegate* unmanaged[Cdecl]<uint, uint, IntPtr>)library.Symbol("imageflow_context_create");
        ContextDestroy = (delegate* unmanaged[Cdecl]<IntPtr, void>)library.Symbol("imageflow_context_destroy");
        HasError = (delegate* unmanaged[Cdecl]<IntPtr, byte>)library.Symbol("imageflow_context_has_error");
        ErrorCode = (delegate* unmanaged[Cdecl]<IntPtr, int>)library.Symbol("imageflow_context_error_code");
        ErrorAsHttpCode = (delegate* unmanaged[Cdecl]<IntPtr, int>)
            library.Symbol("imageflow_context_error_as_http_code");
        ErrorWriteToBuffer = (delegate* unmanaged[Cdecl]<IntPtr, byte*, nuint, nuint*, byte>)
            library.Symbol("imageflow_context_error_write_to_buffer");
        SendJson = (delegate* unmanaged[Cdecl]<IntPtr, byte*, byte*, nuint, IntPtr>)
            library.Symbol("imageflow_context_send_json");
        ResponseRead = (delegate* unmanaged[Cdecl]<IntPtr, IntPtr, long*, byte**, nuint*, byte>)
            library.Symbol("imageflow_json_response_read");
        ResponseDestroy = (delegate* unmanaged[Cdecl]<IntPtr, IntPtr, byte>)
            library.Symbol("imageflow_json_response_destroy");
        AddInputBuffer = (delegate* unmanaged[Cdecl]<IntPtr, int, byte*, nuint, int, byte>)
            library.Symbol("imageflow_context_add_input_buffer");
        AddOutputBuffer = (delegate* unmanaged[Cdecl]<IntPtr, int, byte>)
            library.Symbol("imageflow_context_add_output_buffer");
        GetOutputBuffer = (delegate* unmanaged[Cdecl]<IntPtr, int, byte**, nuint*, byte>)
            library.Symbol("imageflow_context_get_output_buffer_by_id");
        RequestCancellation = (delegate* unmanaged[Cdecl]<IntPtr, void>)
            library.Symbol("imageflow_context_request_cancellation");
        if (AbiMinor >= TakeAbiMinor)
        {
            TakeOutputBuffer = (delegate* unmanaged[Cdecl]<IntPtr, int, byte**, nuint*, byte>)
                library.Symbol("imageflow_context_take_output_buffer");
            BufferFree = (delegate* unmanaged[Cdecl]<byte*, nuint, byte>)library.Symbol("imageflow_buffer_free");
        }
    }

    /// <summary>The library, loaded at first use. A failed load is tried again at the next use.</summary>
    internal static NativeApi Instance
    {
        get
        {
            if (Volatile.Read(ref s_instance) is { } loaded)
            {
                return loaded;
            }

            lock (Gate)
            {
                return s_instance ??= new NativeApi(NativeLibraryLoader.Load());
            }
        }
    }

    internal IntPtr CreateContext()
    {
        var context = ContextCreate(AbiMajor, AbiMinor);
        return context != IntPtr.Zero
            ? context
            : throw new OutOfMemoryException("The imageflow library could not allocate a job context.");
    }
}
