using System.Runtime.InteropServices;

namespace Imageflow.Bindings;

/// <summary>A library the system loader has opened. It stays open for the life of the process.</summary>
internal sealed class LoadedLibrary
{
    private readonly IntPtr _handle;

    private LoadedLibrary(string path, IntPtr handle)
    {
        Path = path;
        _handle = handle;
    }

    internal string Path { get; }

    internal IntPtr Symbol(string name)
    {
        var address = FindSymbol(_handle, name);
        return address != IntPtr.Zero
            ? address
            : throw new EntryPointNotFoundException(
                $"{Path} does not export {name}: it is not an imageflow library, or a damaged one.");
    }

#if NET
    /// <summary>Opens <paramref name="path"/>, or returns null and the loader's own explanation.</summary>
    internal static LoadedLibrary? TryOpen(string path, out string error)
    {
        try
        {
            error = "";
            return new LoadedLibrary(path, NativeLibrary.Load(path));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            error = e.Message.Trim();
            return null;
        }
    }

    private static IntPtr FindSymbol(IntPtr handle, string name) =>
        NativeLibrary.TryGetExport(handle, name, out var address) ? address : IntPtr.Zero;
#else
    /// <summary>Opens <paramref name="path"/>, or returns null and the loader's own explanation.</summary>
    internal static LoadedLibrary? TryOpen(string path, out string error)
    {
        error = "";
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            var module = LoadLibraryExW(path, IntPtr.Zero, System.IO.Path.IsPathRooted(path) ? SearchBesideTheFile : 0);
            if (module != IntPtr.Zero)
            {
                return new LoadedLibrary(path, module);
            }

            error = new System.ComponentModel.Win32Exception(Marshal.GetLastWin32Error()).Message;
            return null;
        }

        var handle = UnixLoader.Open(path);
        if (handle != IntPtr.Zero)
        {
            return new LoadedLibrary(path, handle);
        }

        error = UnixLoader.Error() ?? "dlopen failed without a message";
        return null;
    }

    private static IntPtr FindSymbol(IntPtr handle, string name) =>
        RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
            ? GetProcAddress(handle, name)
            : UnixLoader.Symbol(handle, name);

    private const uint SearchBesideTheFile = 8; // LOAD_WITH_ALTERED_SEARCH_PATH

    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern IntPtr LoadLibraryExW(string path, IntPtr file, uint flags);

    [DllImport("kernel32", CharSet = CharSet.Ansi, ExactSpelling = true)]
    private static extern IntPtr GetProcAddress(IntPtr module, string name);

    /// <summary>
    /// dlopen lives in libdl.so.2 on older glibc, in libc on newer glibc, musl and macOS; the unversioned libdl.so comes
    /// only with development files.
    /// </summary>
    private static class UnixLoader
    {
        private const int Now = 2; // RTLD_NOW, the same on Linux and macOS

        private static readonly bool s_libdl = HasLibdl();

        internal static IntPtr Open(string path) => s_libdl ? DlOpen(path, Now) : CDlOpen(path, Now);

        internal static IntPtr Symbol(IntPtr handle, string name) =>
            s_libdl ? DlSym(handle, name) : CDlSym(handle, name);

        internal static string? Error() => Marshal.PtrToStringAnsi(s_libdl ? DlError() : CDlError());

        private static bool HasLibdl()
        {
            try
            {
                DlError();
                return true;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
            {
                return false;
            }
        }

        [DllImport("libdl.so.2", EntryPoint = "dlopen")]
        private static extern IntPtr DlOpen(string path, int flags);

        [DllImport("libdl.so.2", EntryPoint = "dlsym")]
        private static extern IntPtr DlSym(IntPtr handle, string name);

        [DllImport("libdl.so.2", EntryPoint = "dlerror")]
        private static extern IntPtr DlError();

        [DllImport("libc", EntryPoint = "dlopen")]
        private static extern IntPtr CDlOpen(string path, int flags);

        [DllImport("libc", EntryPoint = "dlsym")]
        private static extern IntPtr CDlSym(IntPtr handle, string name);

        [DllImport("libc", EntryPoint = "dlerror")]
        private static extern IntPtr CDlError();
    }
#endif
}
