package objects

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"target-postgres/target/failure"
)

const (
	azureScope  = "https://storage.azure.com/.default"
	azureRights = "the role Storage Blob Data Reader for the container"
	azureHint   = "set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, " +
		"or give the machine an identity"
)

// azureObject is a blob.
type azureObject struct {
	client         *azblob.Client
	container, key string
}

// openAzure finds the client of an account: that of the URL, or of the environment.
func (s *Stores) openAzure(ctx context.Context, at place) (object, error) {
	container, host, _ := strings.Cut(at.bucket, "@")
	account, _, _ := strings.Cut(host, ".")
	name := account + "?" + at.query
	if s.azure[name] == nil {
		client, err := newAzure(ctx, account, at.query)
		if err != nil {
			return nil, err
		}
		s.azure[name] = client
	}
	return &azureObject{client: s.azure[name], container: container, key: at.key}, nil
}

// newAzure makes a client as the environment says, by the variables of Azure's command line and of fsspec.
func newAzure(ctx context.Context, account, sas string) (*azblob.Client, error) {
	options := &azblob.ClientOptions{ClientOptions: policy.ClientOptions{
		Retry: policy.RetryOptions{MaxRetries: -1}, Transport: &http.Client{Transport: newTransport()},
	}}
	connection := os.Getenv("AZURE_STORAGE_CONNECTION_STRING")
	if account == "" && connection != "" {
		client, err := azblob.NewClientFromConnectionString(connection, options)
		return client, azureSetup("AZURE_STORAGE_CONNECTION_STRING cannot be used", err)
	}
	if account == "" {
		account = either("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME")
	}
	if account == "" {
		return nil, azureSetup("no account of Azure is named", errors.ErrUnsupported)
	}
	service := "https://" + account + ".blob.core.windows.net/"
	if sas == "" {
		sas = strings.TrimPrefix(os.Getenv("AZURE_STORAGE_SAS_TOKEN"), "?")
	}
	key := either("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY")
	switch {
	case sas != "":
		client, err := azblob.NewClientWithNoCredential(service+"?"+sas, options)
		return client, azureSetup("the SAS token cannot be used", err)
	case key != "":
		shared, err := azblob.NewSharedKeyCredential(account, key)
		if err != nil {
			return nil, azureSetup("the key of the Azure account is none", err)
		}
		client, err := azblob.NewClientWithSharedKeyCredential(service, shared, options)
		return client, azureSetup("the key of the Azure account cannot be used", err)
	}
	identity, err := findAzure(ctx)
	if err != nil {
		return nil, err
	}
	client, err := azblob.NewClient(service, identity, options)
	return client, azureSetup("the identity of Azure cannot be used", err)
}

// findAzure looks for an identity once, so that its absence is told soon and as such.
func findAzure(ctx context.Context) (azcore.TokenCredential, error) {
	missing := &fault{blame: failure.Configuration, reason: "no credentials for Azure are found", hint: azureHint}
	return within(ctx, missing, func() (azcore.TokenCredential, error) {
		identity, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return nil, missing
		}
		limited, cancel := context.WithTimeout(ctx, credentialsWithin)
		defer cancel()
		if _, err := identity.GetToken(limited, policy.TokenRequestOptions{Scopes: []string{azureScope}}); err != nil {
			return nil, missing
		}
		return identity, nil
	})
}

func either(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

// azureSetup is the fault of a setting, of which nothing is repeated. It is nil without an error.
func azureSetup(reason string, err error) error {
	if err == nil {
		return nil
	}
	return &fault{blame: failure.Configuration, reason: reason, hint: azureHint}
}

func (o *azureObject) get(ctx context.Context, offset int64, version string) (*answer, error) {
	options := &azblob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: offset}}
	if version != "" {
		match := azcore.ETag(version)
		options.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &match}}
	}
	got, err := o.client.DownloadStream(ctx, o.container, o.key, options)
	if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return nil, o.ofCode(response.StatusCode, response.ErrorCode)
	}
	if err != nil {
		return nil, err
	}
	a := &answer{body: got.Body, size: -1}
	if got.ETag != nil {
		a.version = string(*got.ETag)
	}
	if got.ContentLength != nil {
		a.size = offset + *got.ContentLength
	}
	if offset > 0 && got.ContentRange == nil {
		got.Body.Close()
		return nil, noParts()
	}
	return a, nil
}

// ofCode knows the codes of Azure that mean something else than their status.
func (o *azureObject) ofCode(status int, code string) *fault {
	f := ofStatus(status, code, azureRights)
	switch code {
	case "ContainerNotFound":
		f.reason, f.missing = "there is no container of that name ("+code+")", false
	case "AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation":
		f.reason, f.hint = "the credentials are refused ("+code+")", "correct or renew the key, the SAS token or the identity of Azure"
	case "BlobArchived":
		f.blame, f.reason, f.hint = failure.Configuration, "the file is archived ("+code+")", "restore it from the archive, then run the tap again"
	}
	return f
}
