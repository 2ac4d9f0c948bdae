//! Several images of one input with one decode: what `batch` and `srcset` share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imageflow_core::Context;
use imageflow_types::{
    Build, CommandStringKind, Edge, EdgeKind, Explanation, Framewise, Graph, IoDirection, IoKind,
    IoObject, JobResultData, Node, Response,
};

use crate::cli::LimitFlags;
use crate::error::Failure;
use crate::job::limits;
use crate::job::origin::Origin;
use crate::say;

/// An image that was made.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) bytes: Vec<u8>,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) extension: String,
    pub(super) mime_type: String,
}

/// Command strings to run on an input, and what that may take.
#[derive(Debug, Clone)]
pub(super) struct Renditions {
    pub(super) commands: Vec<String>,
    pub(super) limits: Arc<LimitFlags>,
}

impl Renditions {
    /// Makes the images, in the order of the commands. `watch` gets the job's cancel flag before it starts.
    pub(super) fn render(
        &self,
        input: &Origin,
        watch: impl FnOnce(Arc<AtomicBool>),
    ) -> Result<Vec<Rendered>, Failure> {
        let mut context = Context::new();
        context.set_timeout(limits::timeout(&self.limits)?);
        watch(context.status().cancel_flag());
        let answer = self.send(&mut context, "v1/build", input)?;
        let response: Response<JobResultData> =
            serde_json::from_slice(&answer).map_err(|e| Failure::odd_json(&e))?;
        for warning in &response.data.job_result.warnings {
            say::warning(&match input {
                Origin::File(path) => format!("{}: {}", path.display(), warning.message),
                Origin::Memory(_) => warning.message.clone(),
            });
        }
        let mut images = Vec::with_capacity(self.commands.len());
        for encode in response.data.job_result.encodes {
            let bytes = context
                .take_output(encode.io_id)
                .map_err(|e| Failure::from(&e))?;
            images.push(Rendered {
                bytes,
                width: encode.w,
                height: encode.h,
                extension: encode.preferred_extension,
                mime_type: encode.preferred_mime_type,
            });
        }
        Ok(images)
    }

    /// What the job would do.
    pub(super) fn explain(&self, input: &Origin) -> Result<Explanation, Failure> {
        let mut context = Context::new();
        context.set_timeout(limits::timeout(&self.limits)?);
        let answer = self.send(&mut context, "v1/explain", input)?;
        let response: Response<Explanation> =
            serde_json::from_slice(&answer).map_err(|e| Failure::odd_json(&e))?;
        Ok(response.data)
    }

    fn send(
        &self,
        context: &mut Context,
        method: &str,
        input: &Origin,
    ) -> Result<Vec<u8>, Failure> {
        let json = serde_json::to_vec(&self.build()?).map_err(|e| Failure::odd_json(&e))?;
        input.add_to(context, 0);
        let response = context.send_json(method, &json);
        match context.status().error() {
            Some(error) => Err(Failure::from(&error)),
            None => Ok(response.body),
        }
    }

    fn build(&self) -> Result<Build, Failure> {
        let outputs = (1..).zip(&self.commands);
        let io = outputs
            .clone()
            .map(|(io_id, _)| IoObject {
                io_id,
                direction: IoDirection::Out,
                io: IoKind::OutputBuffer,
            })
            .collect();
        let command = |io_id, value: &String, decode| Node::CommandString {
            kind: CommandStringKind::Ir4,
            value: value.clone(),
            decode,
            encode: Some(io_id),
            watermarks: None,
        };
        let framewise = match self.commands.as_slice() {
            [only] => Framewise::Steps(vec![command(1, only, Some(0))]),
            _ => {
                let mut graph = Graph::default();
                let decode = Node::Decode {
                    io_id: 0,
                    commands: None,
                };
                graph.nodes.insert("0".to_owned(), decode);
                for (io_id, value) in outputs {
                    graph
                        .nodes
                        .insert(io_id.to_string(), command(io_id, value, None));
                    graph.edges.push(Edge {
                        from: 0,
                        to: io_id,
                        kind: EdgeKind::Input,
                    });
                }
                Framewise::Graph(graph)
            }
        };
        let mut build = Build {
            builder_config: None,
            io,
            framewise,
        };
        limits::apply_flags(&mut build, &self.limits)?;
        Ok(build)
    }
}
