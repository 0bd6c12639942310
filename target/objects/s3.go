package objects

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"target-postgres/target/failure"
)

// The chain of credentials has credentialsWithin to find some: the last link asks an address that exists on Amazon's
// machines only.
const credentialsWithin = 10 * time.Second

// answersWithin is how long a store may take until it begins to answer.
const answersWithin = 30 * time.Second

const s3Rights = "s3:GetObject for the object, and s3:ListBucket for the bucket, without which a missing file looks like this, too"

// s3Object is an object of a bucket.
type s3Object struct {
	stores      *Stores
	bucket, key string
}

// openS3 finds the client for a bucket.
func (s *Stores) openS3(ctx context.Context, at place) (object, error) {
	if s.s3[at.bucket] == nil {
		client, err := newS3(ctx, "")
		if err != nil {
			return nil, err
		}
		s.s3[at.bucket] = client
	}
	return &s3Object{stores: s, bucket: at.bucket, key: at.key}, nil
}

// newS3 makes a client as the environment and the files of the AWS command line say. The region is theirs unless one is
// given.
func newS3(ctx context.Context, region string) (*s3.Client, error) {
	options := []func(*config.LoadOptions) error{
		config.WithDefaultRegion("us-east-1"), // any will do for other stores, and S3 names the right one
		config.WithLogger(logging.Nop{}),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answersWithin
			t.DisableCompression = true
		})),
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	settings, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, awsSetup("the configuration of AWS cannot be read", err)
	}
	if err := findCredentials(ctx, &settings); err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil
		o.Retryer = aws.NopRetryer{}
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	if at := client.Options().BaseEndpoint; at != nil && !isEndpoint(*at) {
		return nil, &fault{
			blame: failure.Configuration, reason: "the endpoint of S3 is not an http:// or https:// URL",
			hint: "correct AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or endpoint_url of the profile",
		}
	}
	return client, nil
}

// isEndpoint reports whether a store can be at a URL.
func isEndpoint(text string) bool {
	at, err := url.Parse(text)
	return err == nil && at.Host != "" && (at.Scheme == "http" || at.Scheme == "https")
}

// findCredentials looks for credentials once, so that their absence is told soon and as such.
func findCredentials(ctx context.Context, settings *aws.Config) error {
	within, cancel := context.WithTimeout(ctx, credentialsWithin)
	defer cancel()
	if _, err := settings.Credentials.Retrieve(within); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return awsSetup("no credentials for S3 are found", err)
	}
	return nil
}

// awsSetup is the fault of a configuration of AWS. The SDK's message may repeat a file's text, so only its kind is
// told.
func awsSetup(reason string, err error) *fault {
	var profile config.SharedConfigProfileNotExistError
	var api smithy.APIError
	switch {
	case errors.As(err, &profile):
		reason += ": profile " + strconv.Quote(profile.Profile) + " does not exist"
	case errors.As(err, &api) && api.ErrorCode() != "":
		reason += ": " + api.ErrorCode()
	}
	return &fault{
		blame: failure.Configuration, reason: reason,
		hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role",
	}
}

func (o *s3Object) get(ctx context.Context, offset int64, version string) (*answer, error) {
	a, err := o.getOnce(ctx, offset, version)
	region := regionOf(err)
	if region == "" {
		return a, o.explain(err)
	}
	client, setup := newS3(ctx, region)
	if setup != nil {
		return nil, setup
	}
	if client.Options().Region == o.stores.s3[o.bucket].Options().Region {
		return nil, o.explain(err)
	}
	o.stores.s3[o.bucket] = client
	a, err = o.getOnce(ctx, offset, version)
	return a, o.explain(err)
}

func (o *s3Object) getOnce(ctx context.Context, offset int64, version string) (*answer, error) {
	request := &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key}
	if offset > 0 {
		request.Range = aws.String("bytes=" + strconv.FormatInt(offset, 10) + "-")
	}
	if version != "" {
		request.IfMatch = &version
	}
	got, err := o.stores.s3[o.bucket].GetObject(ctx, request)
	if err != nil {
		return nil, err
	}
	a := &answer{body: got.Body, size: -1, version: aws.ToString(got.ETag)}
	if got.ContentLength != nil {
		a.size = offset + *got.ContentLength
	}
	if offset > 0 && !strings.HasPrefix(aws.ToString(got.ContentRange), "bytes "+strconv.FormatInt(offset, 10)+"-") {
		got.Body.Close()
		return nil, noParts()
	}
	return a, nil
}

// regionOf is the region of the bucket, where the answer is that it is another one than the client's.
func regionOf(err error) string {
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || response.HTTPStatusCode() != http.StatusMovedPermanently && response.HTTPStatusCode() != http.StatusTemporaryRedirect &&
		response.HTTPStatusCode() != http.StatusBadRequest {
		return ""
	}
	return response.Response.Header.Get("X-Amz-Bucket-Region")
}

// explain makes a fault of the SDK's error, of whose text nothing is repeated but the store's code.
func (o *s3Object) explain(err error) error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	response, answered := errors.AsType[*awshttp.ResponseError](err)
	code := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	if !answered || response.HTTPStatusCode() < http.StatusMultipleChoices {
		return err
	}
	status := response.HTTPStatusCode()
	if _, err := strconv.Atoi(code); err == nil || strings.EqualFold(code, http.StatusText(status)) {
		code = ""
	}
	return o.ofCode(status, code)
}

// ofCode knows the codes of S3 that mean something else than their status.
func (o *s3Object) ofCode(status int, code string) *fault {
	f := ofStatus(status, code, s3Rights)
	switch {
	case code == "NoSuchBucket":
		f.reason, f.missing = "there is no bucket "+strconv.Quote(o.bucket)+" ("+code+")", false
		f.hint = "correct the tap's batch_config, or AWS_ENDPOINT_URL_S3 if the bucket is not Amazon's"
	case slices.Contains([]string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidClientTokenId"}, code):
		f.blame, f.again, f.reason = failure.Configuration, false, "the credentials are refused ("+code+")"
		f.hint = "correct or renew the credentials of AWS in the environment or the profile"
	case code == "RequestTimeTooSkewed":
		f.reason, f.hint = "the clock of this machine is wrong ("+code+")", "set the clock"
	case code == "InvalidObjectState":
		f.reason, f.hint = "the file is archived ("+code+")", "restore it from the archive, then run the tap again"
	case slices.Contains([]string{"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable"}, code):
		f.blame, f.again = failure.Connection, true
	case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect, code == "AuthorizationHeaderMalformed":
		f.reason = "the bucket is in another region"
		if code != "" {
			f.reason += " (" + code + ")"
		}
		f.hint = "set AWS_REGION to the bucket's region"
	}
	return f
}
