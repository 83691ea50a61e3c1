"""The iCIMS REST API, its token endpoint and the Job Distributor."""
