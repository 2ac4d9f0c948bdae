// A command line for the Roslyn compiler library, for machines without the .NET SDK. Takes csc's arguments.
using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

internal static class Compiler
{
    private static int Main(string[] arguments)
    {
        var command = CSharpCommandLineParser.Default.Parse(arguments, Directory.GetCurrentDirectory(), null, null);
        foreach (var error in command.Errors)
        {
            Console.Error.WriteLine(error);
        }

        var trees = command.SourceFiles.Select(file => CSharpSyntaxTree.ParseText(
            File.ReadAllText(file.Path), (CSharpParseOptions)command.ParseOptions, file.Path, Encoding.UTF8,
            default(CancellationToken)));
        var references = command.MetadataReferences.Select(r => MetadataReference.CreateFromFile(r.Reference));
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(command.OutputFileName), trees, references,
            (CSharpCompilationOptions)command.CompilationOptions);
        using (var output = File.Create(Path.Combine(command.OutputDirectory, command.OutputFileName)))
        {
            var result = compilation.Emit(output);
            foreach (var error in result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error))
            {
                Console.Error.WriteLine(error);
            }

            return result.Success ? 0 : 1;
        }
    }
}
