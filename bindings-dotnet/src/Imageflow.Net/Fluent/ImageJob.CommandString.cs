using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <content>Whole jobs by a querystring.</content>
public partial class ImageJob
{
    /// <summary>Does what a querystring says, from decoding to encoding.</summary>
    public BuildEndpoint BuildCommandString(byte[] source, IOutputDestination dest, string commandString) =>
        BuildCommandString(new MemorySource(source), dest, commandString);

    /// <summary>Does what a querystring says, from decoding to encoding.</summary>
    public BuildEndpoint BuildCommandString(
        IAsyncMemorySource source, IOutputDestination dest, string commandString) =>
        BuildCommandString(source, null, dest, null, commandString);

    /// <summary>Does what a querystring says, then draws the watermarks.</summary>
    public BuildEndpoint BuildCommandString(
        IAsyncMemorySource source,
        IOutputDestination dest,
        string commandString,
        ICollection<InputWatermark>? watermarks) =>
        BuildCommandString(source, null, dest, null, commandString, watermarks);

    /// <summary>Does what a querystring says, with ids of your choice.</summary>
    public BuildEndpoint BuildCommandString(
        IAsyncMemorySource source, int? sourceIoId, IOutputDestination dest, int? destIoId, string commandString) =>
        BuildCommandString(source, sourceIoId, dest, destIoId, commandString, null);

    /// <summary>Does what a querystring says, then draws the watermarks, with ids of your choice.</summary>
    public BuildEndpoint BuildCommandString(
        IAsyncMemorySource source,
        int? sourceIoId,
        IOutputDestination dest,
        int? destIoId,
        string commandString,
        ICollection<InputWatermark>? watermarks)
    {
        if (commandString == null)
        {
            throw new ArgumentNullException(nameof(commandString));
        }

        var decode = sourceIoId ?? GenerateIoId();
        AddInput(decode, source);
        var encode = destIoId ?? GenerateIoId();
        AddOutput(encode, dest);
        JsonArray? drawn = null;
        foreach (var watermark in watermarks ?? [])
        {
            watermark.IoId ??= GenerateIoId();
            AddInput(watermark.IoId.Value, watermark.Source);
            (drawn ??= []).Add(watermark.ToJsonNode());
        }

        return new BuildEndpoint(
            this,
            JsonBuilding.Variant(
                "command_string",
                new JsonObject()
                    .With("kind", "ir4")
                    .With("value", commandString)
                    .With("decode", decode)
                    .With("encode", encode)
                    .With("watermarks", drawn)),
            null);
    }

    /// <summary>Does what a querystring says, from a file to a file.</summary>
    public BuildEndpoint BuildCommandString(string sourcePath, string destPath, string commandString) =>
        BuildCommandString(sourcePath, destPath, commandString, null);

    /// <summary>Does what a querystring says, from a file to a file, then draws the watermarks.</summary>
    public BuildEndpoint BuildCommandString(
        string sourcePath, string destPath, string commandString, ICollection<InputWatermark>? watermarks) =>
        BuildCommandString(
            new FileSource(sourcePath), null, new FileDestination(destPath), null, commandString, watermarks);
}
