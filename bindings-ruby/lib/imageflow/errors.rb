# frozen_string_literal: true

module Imageflow
  # Anything the engine or this package refuses.
  class Error < StandardError
    CATEGORIES = %w[
      Ok OutOfMemory ArgumentInvalid InvalidJson ImageMalformed ImageTypeNotSupported NodeArgumentInvalid GraphInvalid
      ActionNotSupported ActionForbidden AuthorizationRequired LicenseError PrimaryResourceNotFound
      SecondaryResourceNotFound UpstreamTimeout UpstreamError IoError NoSolutionFound InternalError Unknown Custom
      OperationCancelled
    ].freeze

    # The number of the category, as in the C library.
    attr_reader :code
    # What a server may answer with.
    attr_reader :http_status
    # The JsonResponse, where the engine gave one.
    attr_reader :response

    def initialize(message = nil, code: self.class::CODE, http_status: self.class::HTTP_STATUS, response: nil)
      super(message)
      @code = code
      @http_status = http_status
      @response = response
    end

    CODE = 18
    HTTP_STATUS = 500

    # The name of the category, such as "ImageMalformed".
    def category
      (CATEGORIES[code] if code >= 0) || "Unknown"
    end

    # The exception for an error of the engine.
    def self.from_engine(message, code:, http_status:, response: nil)
      kind = BY_CODE.fetch(code, Error)
      # A kind within a category: the engine tells it in the text alone.
      kind = SizeLimitExceeded if message.start_with?("ArgumentInvalid: SizeLimitExceeded")
      kind.new(message, code: code, http_status: http_status, response: response)
    end
  end

  # The engine could not allocate memory.
  class OutOfMemory < Error
    CODE = 1
    HTTP_STATUS = 503
  end

  # A value the engine or this package refuses.
  class InvalidArgument < Error
    CODE = 2
    HTTP_STATUS = 400
  end

  # An image is larger than the security limits allow.
  class SizeLimitExceeded < InvalidArgument; end

  # A message the engine cannot read.
  class InvalidJson < Error
    CODE = 3
    HTTP_STATUS = 400
  end

  # An input is damaged, or of a format the engine does not know.
  class ImageMalformed < Error
    CODE = 4
    HTTP_STATUS = 400
  end

  # The nodes of a job do not fit together.
  class GraphInvalid < Error
    CODE = 7
    HTTP_STATUS = 400
  end

  # The context was cancelled with JobContext#request_cancellation. (Timeout and Thread#raise raise their own exceptions.)
  class Cancelled < Error
    CODE = 21
    HTTP_STATUS = 499
  end

  # The native library cannot be loaded. The message lists every place that was tried.
  class LibraryNotFound < LoadError; end

  Error::BY_CODE =
    [OutOfMemory, InvalidArgument, InvalidJson, ImageMalformed, GraphInvalid, Cancelled].to_h { |kind| [kind::CODE, kind] }
                                                                                         .freeze
end
